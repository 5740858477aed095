# benign ridge, as a person uses it. Matrices come as CSV, so that no other program is needed.
. "$TOP/test/cli_functions.sh"
printf '1,0,0,0\n0,2,0,0\n0,0,3,0\n0,0,0,4\n' > diag.csv
printf '1,2\n3,4\n5,7\n-1,0.5\n2,-2\n' > x.csv
printf '1\n2\n2.385\n-1\n0.5\n' > y.csv
printf '2,0.5\n0.5,1\n' > s.csv

# The numbers of the exercise sheet.
sheet() {
    benign ridge diag.csv --signal 4 --noise 1 "$@"
}
shows '          0.5     0.927613     0.127145     0.800468' sheet --mu 0.5,1,2,10
shows '           10      1.83886      1.76159     0.077272' sheet --mu 0.5,1,2,10
shows '           0+      1.42361            0      1.42361            4' sheet
shows '            0      1.42361            0      1.42361            4' sheet --mu -0
shows '          inf            4            4            0            0' sheet
shows 'least risk 0.8588235294 at mu* = d se2/sw2 = 1' sheet
shows 'least risk 0.8588235294 at mu* = d se2/sw2 = 1' sheet --mu best
shows 'least risk 0.8588235294 at mu* = d se2/sw2 = 1' benign ridge diag.csv --signal 4 --snr 4
shows 'by the Gram matrix' benign ridge diag.csv
shows 'by the singular values of X' benign ridge diag.csv --route singular
shows 'by stochastic Lanczos quadrature, 32 probes' benign ridge diag.csv --route lanczos

# JSON: the keys, and no number that JSON does not have.
sheet --mu 0,1 --check 50 --time 0.5 --json > out
for key in n d mu risk bias variance best_mu best_risk risk_at_zero risk_at_infinity \
    degrees_of_freedom monte_carlo draws mean standard_error cross flow route measure; do
    has "\"$key\":"
done
has '"risk_at_zero": 1.42361111111111'
benign ridge gaussian:5,9 --vary features --json > out
has '"limit_best":'
equals 'numbers that JSON does not have' "$(grep -i 'nan\|inf[^i]' out)" ''
odd=$(printf 'odd\377.csv')
cp x.csv "$odd"
shows '"data": "odd\\xff.csv"' benign ridge "$odd" --json

# Other measures, real targets, curves.
shows 'risk of predictions at fresh x with covariance I' benign ridge x.csv --risk prediction
shows '          inf            3            0            3' \
    benign ridge x.csv --risk prediction --signal 0 --noise 3 --mu inf --check 9
shows 'risk of predictions at fresh x with covariance S' benign ridge x.csv --sigma s.csv
shows 'risk of predictions at the rows of X' benign ridge x.csv --risk in-sample
shows '           mu leave-one-out          GCV    train mse' benign ridge x.csv --targets y.csv
shows 'least leave-one-out error at mu = ' benign ridge x.csv --targets y.csv
shows 'held-out error' benign ridge mnist1d:train=30,test=20 --targets own --class 3
shows 'greatest marginal likelihood' benign ridge gaussian:n=20,d=3,test=7 --targets own
shows 'held-out error' benign ridge csv:task=regression,holdout=0.4,file=x.csv --targets own

# One output has one H, and says which. With targets an intercept is fitted, not with a path or
# random features, and always as it is asked for.
centred='columns centred, intercept not penalised; not standardised'
plain='columns as they are, no intercept; not standardised'
shows "$plain" benign ridge x.csv
shows "$centred" benign ridge x.csv --targets y.csv
shows "$centred" benign ridge x.csv --intercept yes --mu best
shows "$plain by this command (--intercept yes fits one)" benign ridge x.csv --targets y.csv --intercept no
for flag in '--vary features' '--vary samples' '--features relu:5'; do
    # shellcheck disable=SC2086 # two words
    shows "$plain" benign ridge x.csv --targets y.csv $flag
    # shellcheck disable=SC2086
    shows "$centred" benign ridge x.csv --targets y.csv $flag --intercept yes
done
shows 'with an intercept interpolation begins at rank N - 1 = 4' \
    benign ridge x.csv --targets y.csv --vary features --intercept yes
shows 'at N = d + 1 = 3' benign ridge x.csv --vary samples --intercept yes
shows '+ se2/N, the variance of the intercept; fresh x have the mean row' \
    benign ridge x.csv --intercept yes --risk prediction
shows 'gradient flow from w = 0, the intercept at its best' \
    benign ridge x.csv --intercept yes --time 1
# Two columns and the mean: degrees of freedom 3 at mu = 0, 1 at mu = inf.
shows '           0+     0.141003            0     0.141003            3' \
    benign ridge x.csv --targets y.csv --mu 1
has '          inf            1            1            0            1'
# y.csv is nearly a line in x: the least error lies inside, at the end mu -> 0 of an exact line, at the
# other one of numbers that have nothing to do with x, and everywhere of constant ones. (scikit-learn's
# Ridge in a loop over the rows, minimised by SciPy: 0.8462826979607 at mu = 8.81430.)
shows 'least leave-one-out error over all mu: 0.846283 at mu = 8.8143' benign ridge x.csv --targets y.csv
paste -d, x.csv y.csv | awk -F, '{ print 3 * $1 - $2 + 7 }' > line.csv
shows 'as mu -> 0 (at the edge: least norm)' benign ridge x.csv --targets line.csv
printf '1\n-1\n1\n1\n1\n' > other.csv
shows 'as mu -> infinity (at the edge: w = 0)' benign ridge x.csv --targets other.csv
printf '0.1\n0.1\n0.1\n0.1\n0.1\n' > constant.csv
shows 'least leave-one-out error over all mu: 0, the same at every mu' \
    benign ridge x.csv --targets constant.csv
printf '1,2,7\n3,4,7\n5,7,7\n-1,0.5,7\n2,-2,7\n' > seven.csv
shows '1 of the columns is constant: what it says is in the intercept' \
    benign ridge seven.csv --targets y.csv
printf '1,2\n-3,4\n2,-6\n' > mid.csv
printf '1\n2\n-3\n' > middle.csv
shows 'X and y are centred, but no intercept is fitted' \
    benign ridge mid.csv --targets middle.csv --intercept no
benign ridge x.csv --targets y.csv --json > out
for key in intercept constant_columns chosen_mu held_out loo_best_mu loo_best loo_edge loo_held_out gcv_best_mu \
    gcv_best gcv_edge gcv_held_out; do
    has "\"$key\":"
done
# The targets of a set without a test part are those of its rows.
paste -d, x.csv y.csv > both.csv
benign ridge x.csv --targets y.csv --mu 1 | sed 1d > separate
benign ridge csv:file=both.csv,task=regression --targets own --mu 1 > whole
sed 1d whole > own
cmp separate own

shows 'train mse     test mse' \
    benign ridge mnist1d:train=30,test=20 --features relu:40 --vary features --targets own
shows '     features     mu -> 0+          mu*     fixed mu' benign ridge x.csv --vary features --mu 1
shows '      samples     mu -> 0+          mu*   0+, theory   mu*, limit' \
    benign ridge gaussian:9,5 --vary samples
shows '0+, theory   mu*, limit' benign ridge gaussian --samples 9 --vary samples
equals 'the design' "$(benign ridge mnist1d:train=30,test=20 --features cosine:7 --samples 20 | head -n 1)" \
    'mnist1d:train=30,test=20, cosine:7: X is 20 x 7, rank 7'
equals 'a second time' "$(benign ridge gaussian:7,3 --seed 5 --json)" "$(benign ridge gaussian:7,3 --seed 5 --json)"
if command -v gnuplot > /dev/null; then
    benign ridge x.csv --check 20 --plot a.svg > /dev/null
    benign ridge x.csv --vary samples --plot b.pdf --width 3.25in > /dev/null
    benign ridge mnist1d:train=30,test=20 --vary features --targets own --plot c.png > /dev/null
    for file in a.svg a.gp a.tsv b.pdf c.png; do equals "bytes in $file" "$(test -s $file && echo some)" some; done
    contains a.svg 'command: benign ridge x.csv --check 20 --plot a.svg'
    benign ridge x.csv --mu 10,0,0.1,inf,1 --risk in-sample --plot d.svg > /dev/null
    equals 'mu in the picture' "$(grep -v '^#' d.tsv | cut -f 1 | head -n 3 | tr '\n' ' ')" '0.1 1 10 '
    contains d.gp "set ylabel 'risk of predictions, in-sample'"
    benign ridge x.csv --features relu:9 --vary features --targets y.csv --intercept yes --plot e.svg \
        > /dev/null
    contains e.gp 'P = N - 1'
    contains e.svg 'relu:9, columns centred'
    benign ridge x.csv --mu 3,0,1,2 --plot d.svg > /dev/null
    equals 'mu in the picture' "$(grep -v '^#' d.tsv | cut -f 1 | head -n 4 | tr '\n' ' ')" '0 1 2 3 '
fi

# What does not fit is said, with the exit code, and nothing is printed or written.
printf '1,2\n3,nan\n' > nan.csv
printf '1,2\n3,oops\n' > word.csv
printf 'hello' > text.npy
: > none.csv
printf '2,0.5\n0.25,1\n' > skew.csv
printf -- '-1,0\n0,-1\n' > minus.csv
printf '0,1\n1,0\n' > hollow.csv
printf '1,2\n3,-nan\n' > minus-nan.csv
refuses 1 'nan.csv: row 1, column 1 (counted from 0) is nan' benign ridge nan.csv
refuses 1 'minus-nan.csv: row 1, column 1 (counted from 0) is nan' benign ridge minus-nan.csv
refuses 1 'word.csv:2:3: not a number' benign ridge word.csv
refuses 1 'text.npy: offset 0: not an .npy file' benign ridge text.npy
refuses 1 'none.csv:1:1: the file has no lines' benign ridge none.csv
refuses 1 'no.npy: not there' benign ridge no.npy
refuses 1 'unknown data set "foo"' benign ridge foo
refuses 1 '--signal: "-1"' benign ridge x.csv --signal -1
refuses 1 '--noise: "nan"' benign ridge x.csv --noise nan
refuses 1 '--mu: -1; numbers from 0 up fit' benign ridge x.csv --mu -1
refuses 1 '--mu:1:3: "" is no number' benign ridge x.csv --mu 1,,2
refuses 1 '--time: -3; numbers from 0 up fit' benign ridge x.csv --time -3
refuses 1 '--risk: risk is "foo"; it takes parameters, isotropic' benign ridge x.csv --risk foo
refuses 1 '--vary: vary is "foo"' benign ridge x.csv --vary foo
refuses 1 'features:1:1: random features are relu:P, relu:P,bias=S or cosine:P' benign ridge x.csv --features relu:0
refuses 1 'x.csv: 6 samples are asked for; 0 (all) to 5' benign ridge x.csv --samples 6
head -n 1 x.csv > row.csv
head -n 1 y.csv > target.csv
refuses 1 'row.csv: 1 row; with an intercept at least 2 are needed' \
    benign ridge row.csv --targets target.csv
refuses 1 '--intercept: intercept is "perhaps"; it takes no, yes' benign ridge x.csv --intercept perhaps
refuses 1 'y.csv: 5 targets, but diag.csv has 4 rows' benign ridge diag.csv --targets y.csv
i=0
while [ $i -lt 40 ]; do
    echo "$i,$((i * i % 7))"
    i=$((i + 1))
done > tall.csv
for vary in samples features; do
    refuses 1 'y.csv: 5 targets, but tall.csv has 40 rows' \
        benign ridge tall.csv --targets y.csv --vary $vary
done
refuses 1 'x.csv: 2 targets for each row; one is expected' benign ridge x.csv --targets x.csv
refuses 1 'x.csv: only a data set has targets of its own' benign ridge x.csv --targets own
refuses 1 'has 10 classes; --class 0 to 9' benign ridge mnist1d:train=30,test=20 --targets own
refuses 1 'y.csv: real targets have no classes; --class is' \
    benign ridge x.csv --targets y.csv --class 1
refuses 1 's.csv: S is 2x2; with 4 columns in X it is 4x4' benign ridge diag.csv --sigma s.csv
refuses 1 'S is not symmetric: 0.25 in row 1, column 0, and 0.5 across' benign ridge x.csv --sigma skew.csv
refuses 1 "S is no covariance: v'S v < 0 for some v" benign ridge x.csv --sigma minus.csv
refuses 1 "S is no covariance: v'S v < 0 for some v" benign ridge x.csv --sigma hollow.csv
refuses 1 '--mu best: signal and noise must be above 0' benign ridge x.csv --mu best --noise 0
refuses 1 'gaussian:N,d takes two whole numbers' benign ridge gaussian:0,5
refuses 2 '--noise and --snr' benign ridge x.csv --noise 1 --snr 2
refuses 2 '--risk covariance and --sigma S.npy go together' benign ridge x.csv --risk covariance
refuses 2 "a picture's name ends in .svg, .pdf or .png" benign ridge x.csv --plot x.gif
refuses 2 '--plot: inf has no place on the axis' benign ridge x.csv --mu inf --plot x.svg
refuses 2 '--width: of which picture?' benign ridge x.csv --width 3in
refuses 2 '--class: of which targets?' benign ridge x.csv --class 1
for flag in '--check 9' '--time 1' '--vary samples' '--targets y.csv' '--route gram'; do
    # shellcheck disable=SC2086 # two words
    refuses 2 "${flag% *}: with --mu best there is nothing but R(mu*)" \
        benign ridge x.csv --mu best $flag
done
refuses 2 '--risk: --mu best is the risk of the parameters' \
    benign ridge x.csv --mu best --risk prediction
refuses 2 'usage: benign ridge DATA' benign ridge
equals 'a picture of another kind' "$(ls x.gif 2> /dev/null)" ''

# Ctrl-C: exit code 3, a line that says what was left off, and what is known: with --check the draws
# so far, once there are some.
for ticks in 200 400 800 1600; do
    stopped INT $ticks benign ridge gaussian:20,10 --mu 1 --check 1000000000
    ended 3 'benign sweep with task: ridge resumes'
    grep -q '^Monte Carlo, interrupted' out && break
done
contains out 'Monte Carlo, interrupted before 1000000000 draws'
contains out 'least risk'
contains err 'parts of the Monte Carlo check done; asked again it begins anew'
equals 'lines of the message' "$(wc -l < err)" 1
stopped INT 50 benign ridge gaussian:40000,900 --mu best
ended 3 'gaussian:40000,900: interrupted '
equals 'what it printed' "$(cat out)" ''
