# benign bound, as a person uses it.
. "$TOP/test/cli_functions.sh"
small() {
    benign bound --levels=-1,0,1 --inputs 4 --hidden 8 --samples 100 "$@"
}
taught() {
    small --teacher 2 "$@"
}

# One case.
shows 'student 4-8-1 without biases, q = 3 levels: k = 40 weights' taught
shows 'p* >= q^-M = 2.323e-08' taught
shows 'T <= 128956452 guesses with probability 0.95 = 1 - eta' taught
shows 'sheet              0.21671               0.9  [log log(1/eta) + M log q + log(1/delta)]/N' taught
shows 'all_weights         0.4694              0.95' taught
shows 'certificate              -                 -  it needs the number t of the guess' taught
shows 'all_weights         1.5647  vacuous     0.95' taught --samples 30
shows 'sheet < all_weights, since d0 (d1 - d1*) log q = 26.3667 > log log(1/eta) = 1.09719' taught
shows 'sheet >= all_weights, since d0 (d1 - d1*) log q = 1.09861 <= log log(1/eta) = 1.52718' \
    benign bound --levels 3 --inputs 1 --hidden 3 --teacher 2 --samples 50 --eta 0.01
shows 'since (k - M) log q = 32.9584 >' taught --bias
shows 'sheet is below 1 up to width d1 = 79' taught
shows 'all_weights is below 1 for no width d1' taught --samples 4
shows '           16          vacuous          vacuous          0.75604         0.723583                -' taught --samples 16,17
shows ' 0.205907 ' taught --samples 16,17 --guesses 1
shows 'no teacher is known' small
shows 'all_weights         0.4694              0.95          939' taught --error 0.05
shows '30 of 1000000 guesses fit: p_S >= 2.024e-05 with probability 0.975; delta' \
    taught --hits 30 --trials 1000000
shows '0 of 9 guesses fit: p_S >= 0 with probability' taught --hits 0 --trials 9
shows 'q^-k = 10^-477598.4' benign bound --levels 3 --inputs 1000 --hidden 1000 --samples 1000
shows 'T <= 5551152383290572 guesses' taught --inputs 12
shows 'T <= 4.996e+16 guesses' taught --inputs 13
shows 'student 4-8-4-1 with biases' taught --hidden 8x4 --teacher 2x2 --bias

# A grid: a row for each combination, the last varying fastest.
taught --hidden 8x8,16x16 --teacher 2x2 --samples "geomspace(10,1e4,4)" > out
test "$(wc -l < out)" = 9
grep -q '^        16x16        10000 ' out
test "$(taught --hidden "geomspace(2,300,20)" | wc -l)" = 20 # 19 of them differ
taught --samples 30,100 | grep -q 'vacuous'
taught --samples 9,10 --error 0.5 | grep -q '^            9               44               94               33               30 '

# JSON: the keys, and no number that JSON does not have.
taught --guesses 1000 --error 0.05 --json > out
for key in levels inputs hidden teacher bias weights samples delta eta log_weight_probability pinned \
    log_teacher_bound teacher_bound guesses_bound log10_guesses_bound bounds value vacuous holds \
    reason probability samples_needed largest_width condition left right sheet_smaller; do
    grep -q "\"$key\":" out
done
for bound in sheet all_weights self_contained first_fit certificate mcallester langford_seeger maurer; do
    grep -q "\"$bound\": {" out
done
grep -q '"guesses_bound": 128956452,' out
grep -q '"samples_needed": 434,' out
benign bound --levels 3 --inputs 1000 --hidden 1000 --teacher 10 --samples 9,99 --json > out
grep -q '"cases": \[' out
grep -q '"teacher_bound": null' out
if grep -qi 'nan\|inf[^i]' out; then exit 1; fi

# Pictures.
if command -v gnuplot > /dev/null; then
    taught --samples "geomspace(10,1e5,9)" --plot a.svg > /dev/null
    small --hidden 16x8,8x8 --plot b.pdf --width 3.25in > /dev/null
    test -s a.svg && test -s a.gp && test -s a.tsv && test -s b.pdf
    grep -q 'command: benign bound' a.svg
fi

# What does not fit is said, with the exit code, and nothing is printed or written.
refuses 1 '--teacher: layer 1 has 9 neurons, the student' small --teacher 9
refuses 1 '--teacher: 2 hidden layers, but the student has 1' small --teacher 2x2
refuses 1 '--levels: 0 is not among them, so a student wider' taught --levels=-1,1
refuses 1 '--levels: 0 stands there twice' taught --levels 0,1,0
refuses 1 '--levels: 1; it takes whole numbers from 2' taught --levels 1
refuses 1 '--levels:1:1: "three" is no number' taught --levels three
refuses 1 '--samples: 0; it takes whole numbers from 1' taught --samples 0
refuses 1 '--samples: 2.5; it takes whole numbers from 1' taught --samples 2.5
refuses 1 '--samples: nan; it takes whole numbers from 1' taught --samples nan
refuses 1 '--samples: -3; it takes whole numbers' taught --samples -3
refuses 1 '--delta: 0; it takes a number above 0 and below 1' taught --delta 0
refuses 1 '--eta: 1; it takes a number above 0 and below 1' taught --eta 0.5,1
refuses 1 '--share: 1; it takes a number above 0 and below 1' taught --share 1
refuses 1 '--share: 0 of delta is paid' taught --delta 1e-323 --share 0.1 --hits 2 --trials 4
refuses 1 '--guesses: 0; it takes whole numbers from 1' taught --guesses 0
refuses 1 '--hits: 5 of 4 trials; at most all of them can hit' taught --hits 5 --trials 4
refuses 1 '--trials: 0; it takes whole numbers from 1' taught --hits 0 --trials 0
refuses 1 '--hidden: "0"; it takes whole numbers from 1' taught --hidden 8x0
refuses 1 '--hidden: ""; it takes whole numbers from 1' taught --hidden 8x
refuses 1 '--hidden: ""; it takes whole numbers from 1' taught --hidden 8,
refuses 1 '--hidden: "8y"; it takes whole numbers from 1' taught --hidden 8y
refuses 1 '--hidden: more than 16 layers' taught --hidden 1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1
refuses 1 '--hidden: 3.6e+16 weights; fewer than 2^53 fit' taught --inputs 9e15 --hidden 4
refuses 1 '--inputs: 0; it takes whole numbers from 1' taught --inputs 0
refuses 1 '--error: "0"; it takes a number from 1e-12 to 1' taught --error 0
refuses 1 '--eta: more than 100000 combinations' \
    taught --samples "range(1,1000)" --eta "linspace(0.01,0.3,1000)"
refuses 1 '--plot: along what?' taught --plot a.png
refuses 1 '--plot: along what?' taught --samples 1,2 --eta 0.1,0.2 --plot a.png
refuses 2 "a picture's name ends in .svg, .pdf or .png" taught --samples 1,2 --plot x.gif
refuses 2 '--width: of which picture?' taught --width 3in
refuses 2 '--hits and --trials go together' taught --hits 3
refuses 2 '--levels: is missing' benign bound --inputs 2 --hidden 2 --samples 3
refuses 2 '--hidden: is missing' benign bound --levels 3 --inputs 2 --samples 3
refuses 2 'one word too many' taught 7
test ! -e x.gif
