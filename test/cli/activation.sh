# benign activation, as a person uses it.
. "$TOP/test/cli_functions.sh"

# One activation: by name, by name with options (one word or two), by formula.
shows 'E phi^2       0.394294490398' benign activation tanh
has "gain          1.59253741972     PyTorch's calculate_gain: 1.666667"
has 'chi_1         1.1778072323 '
shows 'phi(x) = max(x, slope*x)   (leaky slope=0.1); edges at 0' benign activation leaky slope=0.1
shows 'E phi^2       0.505 ' benign activation 'leaky slope=0.1'
shows 'gain          1.48684758127 ' benign activation 'x*tanh(log(1+exp(x)))'
shows 'length: every q = E u^2 stays as it is' benign activation ReLU
has 'edge of chaos at sb2 = 0: sw2 = 2 with every length, and no edge at any other sb2'
has 'moment ratio  6 '
shows "but C'(1) is infinite: phi jumps" benign activation sign
shows 'C(rho)  1.0000  0.7600' benign activation 'x^2'

# Weights and biases of one's own.
shows 'length: q* = 0.418037200533, stable (slope 0.551983)' \
    benign activation tanh --sw2 1.5 --sb2 0.05
has 'phase: ordered, chi_1 = 0.938636268199'
has 'edge of chaos at sb2 = 0.05: sw2 = 1.76095463961 with q* = 0.570048'
shows 'length: the signal dies, q* = 0' benign activation tanh --sw2 0.9
shows 'length: the signal explodes, q* is infinite' benign activation relu --sw2 2.385

# All of them.
benign activation > out
grep -q '^gelu  *0.282095   0.425221   1.533530         -   1.072032  x\*erfc' out
grep -q '^selu  *0.000000   1.000000   1.000000  0.750000   1.071575 ' out
test "$(benign help layers | grep -c '^    phi(x) = ')" = "$(($(wc -l < out) - 1))"

# How a formula is written.
shows '    softplus(x)              log(1 + exp(x))' benign help formulas
test "$(awk 'length > 100' out)" = ''

# JSON: the keys, and no number that JSON does not have.
benign activation hardtanh --json > out
for key in activation formula mean second_moment error gain torch_gain slope_second_moment chi1 \
    kurtosis moment_ratio kinks jumps exact field sw2 sb2 q any_q q_slope xi_q c c_slope xi_c phase \
    edge correlation rho value length next; do
    grep -q "\"$key\":" out
done
grep -q '"torch_gain": null' out
grep -q '"phase": "chaotic"' out
benign activation relu --sw2 2.385 --json > out
grep -q '"q": null' out
if grep -qi 'nan\|[^a-z]inf[^a-z]' out; then exit 1; fi
test "$(benign activation --json | grep -c '"activation":')" = 10

# A picture.
if command -v gnuplot > /dev/null; then
    benign activation relu --plot a.svg > /dev/null
    test -s a.svg && test -s a.gp && test -s a.tsv
    grep -q 'command: benign activation relu' a.svg
fi

# What does not fit is said, with the exit code, and nothing is printed or written.
refuses 1 'exp(x^2): E phi^2 is infinite, or nearly so, for x ~ N(0, 1), so no initialisation can stabilise it' \
    benign activation 'exp(x^2)'
refuses 1 '0*x: E phi^2 is 0 for x ~ N(0, 1): no signal comes through' benign activation '0*x'
for phi in '1/x' 'abs(x)^(-0.5)' 'exp(exp(x))' 'x/0' '1e160*x' 'cosh(x)^99'; do
    refuses 1 "$phi: E phi^2 is infinite, or nearly so, for x ~ N(0, 1), so no" benign activation "$phi"
done
for phi in 'relu(x-50)' 'relu(x)-relu(x)' 'relu(-5-abs(x))' 'max(-1,min(1,x))*0' '1e-200*x'; do
    refuses 1 "$phi: E phi^2 is 0 for x ~ N(0, 1): no signal" benign activation "$phi"
done
refuses 1 'log(x): not a number at x = -' benign activation 'log(x)'
refuses 1 'activation:1:8: found "x" where an operator or the end is expected' \
    benign activation 'tanh(x)x'
refuses 1 '           ^' benign activation 'tanh(x)x'
refuses 1 'unknown activation "rellu", did you mean "relu"?' benign activation rellu
refuses 1 'slope is "2"; it takes a number from 0 to 1' benign activation leaky slope=2
refuses 1 '--sw2: "0"; it takes a number from 1e-12 to 1e+12' benign activation tanh --sw2 0
refuses 1 '--sb2: "-1"; it takes a number from 0 to 1e+12' benign activation tanh --sw2 1 --sb2=-1
refuses 1 '--plot: the signal dies, so it has no correlations to draw' \
    benign activation tanh --sw2 0.9 --plot b.svg
refuses 2 '--sb2: with which weights? --sw2 says it' benign activation tanh --sb2 0.1
refuses 2 '--sw2: of which activation?' benign activation --sw2 1
refuses 2 "a picture's name ends in .svg, .pdf or .png" benign activation tanh --plot b.gif
refuses 2 '--width: of which picture?' benign activation tanh --width 3in
test ! -e b.svg
