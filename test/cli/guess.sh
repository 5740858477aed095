# Guess and check as a person uses it.
. "$TOP/test/cli_functions.sh"
net='input 4 fc-8 bias=no relu fc-1 bias=no'
sheet='input 2 fc-2 bias=no relu fc-1 bias=no'
guess() {
    benign guess "$net" "$@"
}

# Exact counts, as programs and people read them.
benign guess 'input 2  fc-2 relu  fc-1' --levels=-1,0,1 --data cube:2 --exact --json > out
for line in '"total": "19683"' '"0x0": "8829"' '"0xf": "3974"' '"0x8": "655"' '"0xa": "652"' '"0x7": "402"' \
    '"0x6": "22"' '"probability": null'; do
    grep -qF "$line" out || { echo "no $line"; exit 1; }
done
shows '0x8                    45  0.0617283951' benign guess "$sheet" --exact
shows '729 in all; 713 give 0 at some point' benign guess "$sheet" --exact
shows 'p_S = 0.0290436756' benign guess 'input 3 fc-2 relu fc-1' --exact --labels majority --points 0xf
shows 'p* = 0.0080046515' benign guess 'input 3 fc-2 relu fc-1' --exact --labels majority --points 0xf

# Plain sampling: every key, and the same numbers on any number of threads.
guess --teacher 2 --samples 12 --guesses 100000 --against sgd --descents 3 --repeat 5 --jobs 1 --json > one
for key in guesses hits probability interval p_star teacher_bound mean_guesses geometric_p_value \
    test_error mean quantiles bounds ties networks_per_second descent repeat late above promised; do
    grep -q "\"$key\":" one || { echo "no key $key"; exit 1; }
done
guess --teacher 2 --samples 12 --guesses 100000 --against sgd --descents 3 --repeat 5 --jobs 3 --json > three
clean() { grep -v '"seconds"\|"networks_per_second"' "$1"; }
clean one > a && clean three > b && cmp a b
shows 'p_S = ' guess --labels x1 --points 0x3 --guesses 1000
shows 'bounds    none: they count levels; these weights have none' guess --prior normal --labels x1 --guesses 100
shows 'bounds    none: --levels: 0 is not among them' guess --levels=-1,1 --teacher 2 --samples 4 --guesses 100

# A guess alone: number t of a seed, with the weights of that draw.
first=$(sed -n 's/.*"first_hit": \([0-9]*\).*/\1/p' one)
shows 'wrong at 0 of' guess --teacher 2 --samples 12 --replay $((first - 1))
guess --teacher 2 --samples 12 --replay $((first - 1)) --json > out
grep -q '"fc2.weight": \[' out && grep -q '"wrong": 0' out

# Points that were chosen are no random sample: no bound on their error, in any form of the answer.
chosen() {
    benign guess 'input 5 fc-1 relu fc-1' --data cube:5 --labels 0xffff0000 --exact "$@"
}
shows 'bounds    none on the error: the points were chosen, not drawn at random' chosen --points 0x0000ffff
shows 'bounds    none on the error: the sample is all points there are' chosen
if chosen --points 0x0000ffff | grep 'with probability'; then exit 1; fi
chosen --points 0x0000ffff --json > out
grep -qF '"no_bounds": "the points were chosen, not drawn at random"' out
test "$(grep -c '"holds": false' out)" = 8 && test "$(grep -c '"value": null' out)" = 8
cat > chosen.yaml <<'YAML'
task: guess
model: input 4 fc-2 relu fc-1
labels: x1
guesses: 2000
parameters: {points: ["0x00ff", "0xffff"]}
YAML
benign sweep chosen.yaml --store chosen.db > /dev/null 2>&1
benign export chosen.db > chosen.csv
awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) bound[i] = $i ~ /^bound_/ }
         NR > 1 { for (i = 1; i <= NF; i++) if (bound[i] && $i != "nan" && $i != "") exit 1 }' chosen.csv
# A random part of a data set is one, for the error over the examples that it is a part of.
awk 'BEGIN { for (i = 0; i < 60; i++) print i % 7 - 3 "," i % 5 - 2 "," (i % 7 > 3) }' > points.csv
part() {
    benign guess 'input 2 fc-3 relu fc-1' --data csv:file=points.csv,holdout=0.2 --guesses 20000 "$@"
}
shows '; over the 48 training examples that the sample is a random part of' part --samples 19
shows 'none on the error: the sample is all training examples there are' part
# What is a bound of which networks; what a teacher must be.
shows 'every network on the levels that fits' guess --teacher 2 --samples 9 --guesses 100
shows 'no bound above is about these networks: their weights are not on the levels' \
    guess --teacher 2 --samples 12 --guesses 100 --against sgd --descents 1
shows 'with probability 0.95, if such a teacher exists, as --teacher claims' \
    guess --teacher 2 --labels x1 --samples 12 --guesses 100
shows "bounds do not use it: the teacher's weights are not all among the levels" \
    benign guess 'input 3 fc-2 bias=no relu fc-1 bias=no' --teacher 1 --teacher-weights 0.5,1,1,1 --samples 5 \
    --guesses 100
# Which estimate of p_S: that of inverse sampling where the hits ended the run.
shows 'p_S = (hits - 1)/(guesses - 1), unbiased: the last hit ended the run; negative binomial interval' \
    guess --labels x1 --samples 4 --hits 3
shows 'p_S = hits/guesses: the last hit ended the run' guess --labels x1 --samples 4 --hits 1
shows 'p_S = hits/guesses: the limit of guesses ended the run, not the hits; binomial interval' \
    guess --labels x1 --samples 4 --hits 900 --guesses 1000

# Rare samples.
shows 'ln p_S = -' benign guess "$sheet" --rare --labels xor --particles 200
shows 'spread of ln p_S between runs' benign guess "$sheet" --rare --labels xor --particles 200

# A kept tally goes on where it was, and gives what one run gives.
guess --labels and --guesses 300000 --json > whole
guess --labels and --guesses 100000 --keep tally.json > /dev/null
guess --labels and --guesses 300000 --keep tally.json --json > continued
clean whole > a && clean continued > b && cmp a b
refuses 1 'tally.json:1:1: this is the tally of another experiment' guess --labels or --keep tally.json
refuses 1 'tally.json:1:1: 300000 guesses are done already, more than the 9 asked for' \
    guess --labels and --guesses 9 --keep tally.json

# Interrupted: what is known so far, exit code 3, and the tally is kept.
stopped TERM 50 benign guess "$net" --labels and --guesses 1e13 --keep long.json
ended 3 'interrupted: what stands above is of the work done so far; the same command goes on'
has 'p_S = '
contains long.json '"guesses"'

# A sweep of them, and its picture.
cat > g.yaml <<'YAML'
task: guess
model: let width = 3 input 3 fc-{width} bias=no relu fc-1 bias=no
teacher: 1
guesses: 5000
seeds: 3
parameters: {width: [2, 4], samples: [3, 9]}
YAML
benign sweep g.yaml --store g.db --jobs 2 > /dev/null 2>&1
benign export g.db > g.csv
head -n 1 g.csv | grep -q 'bound_first_fit'
test "$(wc -l < g.csv)" = 13
# Interrupted in the middle of a cell, a sweep goes on and comes to the same numbers.
cat > k.yaml <<'YAML'
task: guess
teacher: 2
samples: 24
guesses: 3000000
seeds: 2
YAML
benign sweep k.yaml --store whole.db --jobs 2 > /dev/null 2>&1
stopped TERM 40 benign sweep k.yaml --store parts.db --jobs 2
benign sweep k.yaml --store parts.db --jobs 2 > /dev/null 2>&1
benign export whole.db > a
benign export parts.db > b
cmp a b

if command -v gnuplot > /dev/null; then
    benign plot g.db --x samples --y test_error,bound_first_fit,bound_all_weights width=4 --out g.svg > /dev/null
    grep -q 'bound_first_fit' g.svg
    guess --labels x1 --points 0x3 --guesses 1000 --plot t.svg > /dev/null
    grep -q 'geometric law' t.svg
    benign guess "$sheet" --exact --plot f.svg > /dev/null
    grep -q 'functions by rank' f.svg
fi

# Wrong input.
refuses 1 '--levels: level -1 stands there twice' guess --levels=-1,0,-1 --labels and
refuses 1 '--levels: "a" is no level' guess --levels=0,a --labels and
refuses 1 '--teacher: "9": a teacher is no wider than the student' guess --teacher 9 --samples 3
refuses 1 '--samples: N = 0 leaves nothing to fit' guess --samples 0 --labels and
refuses 1 '--points: there is no point in it (N = 0)' guess --points 0x0 --labels and
refuses 1 '--delta: delta is "1.5"' guess --delta 1.5 --labels and
refuses 1 '--eta: eta is "0"' guess --eta 0 --labels and
refuses 1 'what are the networks to say?' guess --samples 3
refuses 1 '--labels: "adn" is no set of points' guess --labels adn
refuses 1 '--labels: 0x10000 names point 16, but the cube has 16 points' guess --labels 0x10000
refuses 1 'unknown setting "widht"' guess widht=3 --labels and
refuses 1 'an exact count goes through levels' guess --exact --prior normal --labels and
refuses 1 'only dense networks can be guessed' benign guess 'input 8x8x1 conv3-2 fc-1' --labels and
refuses 1 'the network needs one output' benign guess 'input 4 fc-2' --labels and
refuses 1 '--repeat: fresh samples of how many points?' guess --repeat 3 --labels and
refuses 1 '/nonexistent/x: cannot write' guess --labels and --guesses 100 --keep /nonexistent/x
refuses 2 "a picture's name ends in" guess --labels and --plot x.foo
refuses 2 '--exact and --rare: one method at a time' guess --exact --rare --labels and
refuses 1 '--against: "adam"; it takes sgd' guess --against adam --labels and
printf '1,2,3,4,0\n1,2,3,4,1\n' > two.csv
refuses 1 'two equal points have different labels: no network fits, p_S = 0' guess --data csv:file=two.csv
