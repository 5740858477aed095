# What benign curve says of curves that show something, and of those that do not.

. "$TOP/test/cli_functions.sh"

# lacks WORDS FILE
lacks() {
    if grep -q "$1" "$2"; then return 1; fi
}

# make HEIGHT SEEDS: 12 widths, noise of 0.01, a bump of that height at width 24.
make() {
    echo 'width,seed,test_error,train_error'
    awk -v height="$1" -v seeds="$2" 'BEGIN {
        state = 12345
        for (s = 1; s <= seeds; s++)
            for (j = 1; j <= 12; j++) {
                sum = 0
                for (k = 0; k < 12; k++) {
                    state = (state * 16807) % 2147483647
                    sum += state / 2147483647
                }
                bump = height * (j == 6) + 0.6 * height * (j == 5 || j == 7)
                printf "%d,%d,%.6f,%.3f\n", 4 * j, s, 0.4 + bump + 0.01 * (sum - 6),
                    j < 6 + s % 2 ? 0.1 : 0
            }
    }'
}

make 0 4 > flat.csv
benign curve --csv flat.csv --effect 0.02 > words
grep -q 'no rise is shown (p = .*no fall (p = .*no second descent (p = ' words
grep -q 'No critical point is shown; the largest bump' words
grep -q 'smallest bump that these seeds would find in 80 % of cases is about 0.0' words
grep -q 'For one of 0.02 about [0-9]* seeds are needed' words
lacks 'The critical point' words
lacks peak words
benign curve --csv flat.csv --effect 0.02 --json > json
grep -q '"peak": null' json
grep -q '"runs": null' json
grep -q '"smallest_detectable_bump": 0.0' json
grep -q '"seeds_needed": [0-9]' json

make 0.1 4 > bump.csv
benign curve --csv bump.csv > words
grep -q 'test_error along width: single peak (p < 0.001)\.' words
grep -q 'The critical point is at width 24 ' words
grep -q '  peak$' words
grep -q 'The mean train error is 0 from width 28 on (not yet at 24; single seeds from 24 to 28)' words
if command -v gnuplot > /dev/null; then
    benign plot --csv bump.csv > out
    grep -q '95 % interval' bump.gp
    benign plot --csv flat.csv > out
    lacks '95 % interval' flat.gp
    benign report --csv flat.csv > out
    grep -q 'No critical point is shown' flat.html
    lacks '<dt>critical point' flat.html

    # A program of that name that cannot start is there.
    mkdir bin
    echo '#!/no/such/interpreter' > bin/gnuplot
    chmod +x bin/gnuplot
    if PATH="$(dirname "$(command -v benign)"):$PWD/bin" benign plot --csv flat.csv --out a.svg 2> said; then exit 1; fi
    grep -q 'gnuplot is there, but could not start: No such file' said
    printf '#!/bin/sh\necho no fonts here\nexit 127\n' > bin/gnuplot
    if PATH="$PWD/bin:$PATH" benign plot --csv flat.csv --out a.svg 2> said; then exit 1; fi
    grep -q 'gnuplot failed (exit code 127): no fonts here' said
fi

# One seed shows nothing, however high its bump.
make 0.1 1 > one.csv
benign curve --csv one.csv --effect 0.1 > words
grep -q 'too few seeds' words
grep -q 'One run a point cannot show anything.*3 seeds are the least' words
lacks 'critical point is at' words

# An index without a name is left out, and this is said.
awk -F, -v OFS=, 'NR == 1 { print "", $0; next } { print NR - 2, $0 }' bump.csv > index.csv
benign curve --csv index.csv > indexed 2> said
grep -q '^index.csv:1:1: the first column has no name: an index, left out$' said
benign curve --csv bump.csv > words
cmp words indexed

# Rows that do not fit, by their place; NaN is a run without a value; the order does not matter.
printf 'width,seed,test_error\n2,0,0.5\n2,0,0.5\n' > twice.csv
refuses 1 'twice.csv:3: the same settings and seeds as twice.csv:2' benign curve --csv twice.csv --x width
printf 'width,seed,test_error\n2,0,0.5\nbig,0,0.5\n' > word.csv
refuses 1 "word.csv:3:1: width is 'big', not a number" benign curve --csv word.csv --x width
printf 'width,seed,test_error\n4,0,NaN\n2,0,0.5\n-3,0,0.25\n' > odd.csv
benign curve --csv odd.csv --x width > words
grep -q '^ *4 .* 1 lost' words
grep -n '^ *-3 ' words | grep -q '^2:'
printf 'width,seed,a\033[31m,test_error\n2,0,1,0.5\n4,0,1,0.25\n' > escape.csv
benign curve --csv escape.csv --x width --y "$(printf 'a\033[31m')" > words
lacks "$(printf '\033')" words

# Half a sweep is called so; runs that are not done do not count.
cat > half.yaml <<'END'
model: mlp
data: mnist1d:train=200,test=100
epochs: 100000
seeds: 2
parameters:
  width: [2, 4]
END
benign sweep half.yaml epochs=1 --store half.db > out 2> /dev/null
benign curve half.db > words
lacks 'not finished' words
benign sweep half.yaml --store half.db --jobs 1 > out 2> err &
sweep=$!
tries=0
until benign export half.db epochs=100000 > rows 2> said && test "$(wc -l < rows)" -gt 3; do
    tries=$((tries + 1))
    test $tries -lt 600
    sleep 0.1
done
benign curve half.db > words
if benign curve half.db epochs=100000 2> said; then exit 1; fi
benign curve half.db epochs=100000 --x epoch --by width > along
kill -TERM $sweep
wait $sweep || true
grep -q 'The sweep is not finished: 4 of 8 runs done, 1 under way' words
grep -q 'no run is done yet; --x epoch shows those under way' said
grep -q 'The sweep is not finished: 0 of 4 runs done, 1 under way' along
