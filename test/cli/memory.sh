# Commands without memory: what ./run torture does to every allocation, at a few places; and little address
# space (ulimit -v), with the program as people have it: sanitizers take more than any limit leaves.
. "$TOP/test/cli_functions.sh"
benign=$RELEASE/benign
[ -x "$benign" ] || {
    echo "skipped: there is no $benign (./run test builds it)"
    exit 77
}
sh "$TOP/test/torture" "$benign" "$BUILD/test/libfailing.so" 4 > torture || {
    cat torture
    exit 1
}

# What needs no linear algebra needs little address space, and nothing of OpenBLAS's.
little() { # KILOBYTES ARGUMENT...
    limit=$1
    shift
    (
        # shellcheck disable=SC3045 # dash and bash have it
        ulimit -v "$limit"
        exec timeout -s KILL 120 "$benign" "$@"
    )
}
little 100000 --version > out
shows 'E phi^2' little 100000 activation gelu
printf '1,2\n2,1\n0.5,3\n' > x.csv
refuses 1 'leaves no room for the 128 MB that OpenBLAS needs' little 150000 ridge x.csv --mu 1

# One buffer for four workers: each waits for its turn.
cat > wait.yaml <<'YAML'
task: ridge
data: gaussian:n=40,d=8
seeds: 8
YAML
shows '8 of 8 runs done' little 220000 sweep wait.yaml --jobs 4
