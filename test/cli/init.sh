# benign init, as a person uses it.
. "$TOP/test/cli_functions.sh"
refuses 2 '--scheme: unknown scheme "xact", did you mean "exact"? There are exact, exact-data, he,' \
    benign init mlp --scheme xact
refuses 2 '--law: unknown law "normel", did you mean "normal"?' benign init mlp --law normel
refuses 2 'benign init: which model?' benign init
refuses 2 '--widths: "8,32"; it takes NAME=LIST, such as width=8,32,128' benign init mlp --widths 8,32
refuses 1 'the network has no weights, so there is nothing to initialise' benign init 'input 3 relu'
refuses 1 'model:1:39: fc2: its inputs have second moment 0, and no initialisation makes that 1' \
    benign init 'input 9 dropout p=0  fc-8 dropout p=1 fc-5'
# One example gives batch norm a single number of a channel, unless there are positions.
refuses 1 'a batch of one example gives each channel a single number here, which has no variance;' \
    benign init 'input 9 fc-7 batchnorm relu fc-5' --examples 1 --draws 3
grep -q '^model:1:14: ' err
benign init 'input 9 fc-7 batchnorm relu fc-5' --examples 2 --draws 3 > out
benign init 'input 9 fc-7 batchnorm relu fc-5' --examples 1 --draws 0 > out
benign init 'input 6x6x2 conv3-4 batchnorm relu fc-5' --examples 1 --draws 3 > out

quiet() { "$@" > /dev/null; }
# A data set of zeros: the rule has nothing to divide by, and says which layer; he runs, and dies.
printf '%s\n' a,b,c 0,0,0 0,0,1 0,0,2 0,0,1 0,0,0 > zeros.csv
zeros='csv:file=zeros.csv,label=c,holdout=0.2'
refuses 1 'model:1:9: fc1: its inputs have second moment 0, and no initialisation makes that 1' \
    benign init 'input 2 fc-4 relu fc-3' --data "$zeros"
refuses 1 'model:1:9: fc1: its inputs have second moment 0, and no initialisation makes that 1' \
    benign init 'input 2 fc-4 relu fc-3' --data "$zeros" --scheme exact-data
benign init 'input 2 fc-4 relu fc-3' --data "$zeros" --scheme he > out
grep -q '^signal: vanishing; 0 or below the least of float from fc1 on$' out
refuses 1 'fc1: its inputs have second moment 0, and no initialisation makes that 1' \
    quiet benign train 'input 2 fc-4 relu fc-3 softmax' --data "$zeros" --epochs 1
refuses 1 'fc1: its inputs have second moment 0 on the sample, and no initialisation makes that 1' \
    quiet benign train 'input 2 fc-4 relu fc-3 softmax' --data "$zeros" --epochs 1 --init exact-data

refuses 1 'the network takes 3 inputs, but' benign init 'input 3 fc-2' --data mnist1d:train=20,test=5

benign init 'input 40 repeat 12 { fc-30 relu } fc-10 softmax' --data mnist1d:train=200,test=20 \
    --scheme exact,exact-data,torch --draws 4 > out
grep -q '^signal: stable$' out
grep -q '^signal: vanishing (all inputs become alike), by a factor 0.* a layer from fc.* to fc.* in the part' out
grep -qF 'advice: init=exact makes E u^2 = 1 in wide networks: sigma = gain/sqrt(fan_in), gain 1.41421 of relu' out
# A verdict is about this network and these draws.
benign init 'input 30 repeat 40 { fc-30 gelu } fc-5' --draws 20 > out
grep -q '^signal: vanishing, by a factor 0[.].* a layer from fc21 to fc41; at fc41 .*; .* % end below 1/10000 of fc1' out
grep -q '^advice: .* with gelu a deviation grows by a factor 1.144 a layer' out
benign init 'input 30 repeat 40 { fc-30 gelu } fc-5' --draws 0 > out
grep -q '^signal: unstable: draws part, at fc41 by more than a factor 1e+06 either way (expected of this' out
grep -q '^gradient: growing, by a factor 1.072 a layer from fc21 back to fc1; .* (wide networks)$' out
benign init 'input 20 repeat 2 { fc-50 relu } fc-10' --scheme torch --draws 5 > out
grep -q '^signal: falling, by a factor 0[.].* a layer from fc2 to fc3; at fc3 0.0[2-9]' out
if grep -q 'lost\|float' out; then exit 1; fi
benign init 'input 30 repeat 20 { residual { fc-30 relu fc-30 } } fc-10' --draws 5 > out
grep -q '^gradient: uneven, from 0.0.* (at fc3.) to 1 times that of fc41\|^gradient: uneven, from 0.0.*; it changes by a factor 1[.]' out
# What would take minutes is predicted, and says how to measure it; what fits is measured.
benign init vgg11 > out
grep -q '^predicted only: a draw of 16 examples takes .* FLOP and .* GB; --draws 1 --examples 16 does' out
grep -q '^gradient: stable' out
benign init 'input 100000x100000x3 conv3-4 relu flatten fc-3' |
    grep -q '^predicted only: 16 examples need .* GB of memory and the machine has .* GB$'
benign init 'input 3000000 fc-2' --examples 1000000 --draws 1 |
    grep -q '^predicted only: 1000000 examples need .* GB of memory .*; --examples 16 needs .* GB$'
benign init vgg11 --draws 0 > out
grep -q '^predicted only: nobody asked for draws$' out
grep -q '^border: E u^2 of conv8 is 0.* in the corners, 0.* at the edges, 1.* in the middle$' out
grep -q '^gradient: stable' out
benign init 'input 16x16x3 conv3-4 relu pool2 residual { conv3-4 } globalpool fc-10' --draws 2 > out
grep -q '^border: .* in the corners (measured .*), .* at the edges (measured .*), .* in the middle (' out

benign init mlp width=9 --draws 3 --json > one.json
benign init mlp width=9 --draws 3 --json > two.json
cmp one.json two.json
for key in schemes layers name sigma predicted measured measured_standard_error predicted_finite \
    median scatter apart gradient_median end rate_from looked_at died exploded \
    spread spread_predicted across ratio kurtosis kurtosis_predicted ks_distance \
    gradient_predicted gradient_measured verdict leaves lost_at_depth advice; do
    grep -q "\"$key\":" one.json || { echo "no $key" >&2; exit 1; }
done

# How Gaussian u is over widths: smallest first, the kurtosis falls as the theory says.
benign init mlp --widths width=160,5 --draws 40 --scheme exact,torch > out
head -n 1 out | grep -q '^width  *scheme  *E u^2  *+-  *ratio  *kurtosis  *expected  *KS$'
awk '$2 == "exact" { k[$1] = $6; e[$1] = $7 }
     END { exit !(k[5] > k[160] && e[5] > e[160] && k[160] > 3 && k[160] - e[160] < .2) }' out
grep -q '^5  *torch .* - ' out
benign init mlp --widths width=3,19 --draws 3 --json > out
grep -q '"variable": "width"' out
grep -q '"kurtosis_predicted": [0-9]' out
refuses 1 '--widths: nothing could be measured: nobody asked for draws' \
    benign init mlp --widths width=3,19 --draws 0
if command -v gnuplot > /dev/null; then
    benign init mlp --widths width=3,19 --draws 3 --plot widths.svg > /dev/null
    benign init mlp width=9 --scheme exact,torch --draws 3 --plot layers.svg > /dev/null
    grep -q "title 'exact, spread of this width'" layers.gp
    test -s widths.svg && test -s layers.svg
fi

# exact is the default of train, exact-data and the laws train, too.
for init in '' '--init exact-data' '--init exact --init-law orthogonal' '--init he --init-law sign'; do
    # shellcheck disable=SC2086
    benign train 'input 40 fc-16 tanh fc-10 softmax' --data mnist1d:train=200,test=20 --epochs 2 $init \
        > out 2> err || { cat err; exit 1; }
done
