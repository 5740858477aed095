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

# FILE holds TEXT.
contains() { # FILE TEXT
    grep -qF -e "$2" "$1" || {
        echo "no \"$2\" in $1:" >&2
        cat "$1" >&2
        exit 1
    }
}

# `out` holds TEXT.
has() { # TEXT
    contains out "$1"
}

# What was found is what is expected.
equals() { # WHAT FOUND EXPECTED
    [ "$2" = "$3" ] || {
        echo "$1: found \"$2\", expected \"$3\"" >&2
        exit 1
    }
}

# Processor time that a process has had, in ticks (of which most systems count 100 a second); when
# it has ended, more than anybody asks for.
computed() { # PID
    stat=$(sed 's/.*) //' "/proc/$1/stat" 2> /dev/null) || stat=Z
    case $stat in
    Z*) echo 999999999 ;;
    *) echo "$stat" | awk '{ print $12 + $13 }' ;;
    esac
}

# Waits until a process has had so many ticks, or has ended; a process that does neither in 5 minutes
# is killed.
await() { # PID TICKS
    tries=0
    while [ "$(computed "$1")" -lt "$2" ]; do
        tries=$((tries + 1))
        if [ $tries -gt 6000 ]; then
            kill -KILL "$1"
            echo "a process is neither at $2 ticks nor at its end after 5 minutes" >&2
            exit 1
        fi
        sleep 0.05
    done
}

# Runs a program and sends it SIGNAL when it has had TICKS of the processor's time: a busy machine
# changes nothing. Its exit code is in `code` afterwards, what it wrote in `out` and `err`.
stopped() { # SIGNAL TICKS PROGRAM ARGUMENT...
    signal=$1 ticks=$2 code=0
    shift 2
    "$@" > out 2> err &
    child=$!
    await $child "$ticks"
    kill -s "$signal" $child 2> /dev/null || true
    await $child 999999999
    wait $child || code=$?
}

# What `stopped` has stopped ended with this exit code and a message that holds TEXT.
ended() { # CODE TEXT
    [ "$code" = "$1" ] && grep -qF -e "$2" err && return
    echo "exit code $code, expected $1 and \"$2\"; message:" >&2
    cat err >&2
    exit 1
}
