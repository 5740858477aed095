# What a terminal would obey is not passed on: names of files, columns and settings, values of CSV.
. "$TOP/test/cli_functions.sh"
escape=$(printf '\033[31m') high=$(printf '\302\2332J') # CSI, also as one character
tame() { # COMMAND...: neither stream holds a control character
    "$@" > out 2> err || true
    if cat out err | LC_ALL=C tr -d '\n\t' | LC_ALL=C grep -q "$(printf '[\001-\037\177]\\|\302[\200-\237]')"; then
        echo "$*: control characters in" >&2
        cat -v out err >&2
        exit 1
    fi
    cat out err > both
    grep -qi '[?][[]31m\|u001b[[]31m' both || {
        echo "$*: the name is not there in" >&2
        cat -v both >&2
        exit 1
    }
}
printf '1,2,0\n3,4,1\n' > "a$escape$high.csv"
tame benign data "csv:file=a$escape$high.csv"
tame benign data "csv:file=a$escape$high.csv" --json
tame benign data "csv:file=b$escape$high.csv"
benign train 'input 2 fc-2 softmax' --data "csv:file=a$escape$high.csv" --epochs 2 --store s.db > out
tame benign export s.db
tame benign export s.db --json
tame benign ridge "a$escape$high.csv" --mu 1
printf 'x%s,y\n1,0\n' "$high" > names.csv
tame benign data csv:file=names.csv,label="z$escape"
printf 'width,test_error,opt%s\n' "$escape$high" > c.csv
for w in 2 4 8 16 32; do
    for s in 1 2 3; do echo "$w,0.$w$s,v$escape" >> c.csv; done
done
tame benign curve --csv c.csv --x width --y test_error --by "opt$escape$high"
tame benign curve --csv c.csv --x width --y test_error --by "opt$escape$high" --json
tame benign curve --csv c.csv --x "$escape"
tame benign "$escape"
