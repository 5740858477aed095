# What cmake --install leaves is enough to build a program against, and to find the manual.
cmake --install "$BUILD" --prefix "$PWD/root" >log
PKG_CONFIG_PATH=$(dirname "$(find "$PWD/root" -name benign.pc)")
export PKG_CONFIG_PATH

# shellcheck disable=SC2046  # flags are words
"$CC" -std=c17 -Wall -Werror ${SANITIZE:+-fsanitize="$SANITIZE"} "$TOP/doc/example.c" -o example \
    $(pkg-config --cflags --libs benign)
# shellcheck disable=SC2046
for door in "$PWD"/root/include/benign/*/*.h; do # each header stands by itself
    "$CC" -std=c17 -Wall -Werror -fsyntax-only $(pkg-config --cflags benign) -include "$door" \
        -x c /dev/null
done
test "$(./example)" = '40 -> 10: 19783 parameters'

test -x root/bin/benign || exit 0
root/bin/benign --version | grep "^benign $(pkg-config --modversion benign)$"
test -s root/share/man/man1/benign.1
test -s root/share/bash-completion/completions/benign
test -f root/share/benign/models/mlp.net
