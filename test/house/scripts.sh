# Shell scripts are clean under shellcheck.
command -v shellcheck >/dev/null || exit 77
cd "$TOP"
for file in run .ci/run test/layers test/in_empty_folder test/torture bench/run; do
    [ ! -f $file ] || shellcheck $file
done
find test -name '*.sh' -exec shellcheck -s sh -e SC2164 {} + # they run under sh -e
