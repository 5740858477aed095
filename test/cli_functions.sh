# What the tests of commands say: . "$TOP/test/cli_functions.sh"
# shellcheck shell=sh

# The command fails with this exit code and a message that holds TEXT, and prints nothing else.
refuses() { # CODE TEXT COMMAND...
    code=$1 text=$2
    shift 2
    found=0
    "$@" > out 2> err || found=$?
    if [ $found != "$code" ] || ! grep -qF -e "$text" err || [ -s out ]; then
        echo "$*: exit code $found, message:" >&2
        cat err >&2
        exit 1
    fi
}

# The command succeeds and prints TEXT, which stays in `out`.
shows() { # TEXT COMMAND...
    text=$1
    shift
    "$@" > out
    if ! grep -qF -e "$text" out; then
        echo "$*: no \"$text\" in" >&2
        cat out >&2
        exit 1
    fi
}

# `out` holds TEXT.
has() { # TEXT
    grep -qF -e "$1" out || {
        echo "no \"$1\" in" >&2
        cat out >&2
        exit 1
    }
}
