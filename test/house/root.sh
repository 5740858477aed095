# Nothing stands at the root of the tree but what is named here, and no file of the tree is empty.
allowed='.ci .clang-format .gitignore ARCHITECTURE.md CHANGELOG.md CMakeLists.txt CMakePresets.json CONTRIBUTING.md
LAYERS LICENSE NOTATION.md README.md bench cmake doc experiments fuzz models run src test'

cd "$TOP"
git rev-parse --is-inside-work-tree >/dev/null 2>&1 || {
    echo "skipped: this is no git checkout, so nobody knows which files belong to the tree"
    exit 77
}
git ls-files | sed 's,/.*,,' | sort -u | while read -r name; do
    case " $(echo "$allowed" | tr '\n' ' ') " in
    *" $name "*) ;;
    *)
        echo "$name stands at the root; if it belongs there, name it in test/house/root.sh"
        exit 1
        ;;
    esac
done
git ls-files | while read -r file; do
    [ -s "$file" ] || [ ! -e "$file" ] || {
        echo "$file is empty"
        exit 1
    }
done
