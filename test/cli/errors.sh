# Wrong input: one message that begins with the user's place, exit code 1 (2 for the command line).
. "$TOP/test/cli_functions.sh"
echo 'input 40 fcc-10' > a.net
refuses 1 'a.net:1:10: unknown layer "fcc", did you mean "fc"?' benign train a.net
refuses 1 'the network takes 40 inputs, but' benign train mlp --data gaussian:n=20,d=3
refuses 1 'mlp' benign train mpl
refuses 1 '--noise: noise is "1.5"; it takes a number from 0 to 1' benign train mlp --noise 1.5
refuses 1 'noise' benign train mlp --noise 0.5
refuses 1 'unknown setting "widht"' benign train mlp widht=3
refuses 1 'no.yaml: cannot open' benign sweep no.yaml
refuses 2 '--epohcs: unknown option, did you mean --epochs?' benign train mlp --epohcs 3
refuses 2 'trian: no such command, did you mean "train"?' benign trian
refuses 2 'not of the form NAME=VALUE' benign train mlp width
printf 'model: mlp\nepoch: 3\n' > b.yaml
refuses 1 'b.yaml:2:8: unknown setting "epoch", did you mean "epochs"' benign sweep b.yaml
printf 'data: mnist1d\ntask: rigde\n' > t.yaml
refuses 1 't.yaml:2:7: unknown task "rigde"; there are: train, ridge' benign sweep t.yaml
refuses 1 'task=rigde: unknown task "rigde"' benign sweep t.yaml task=rigde --dry-run
printf 'task: ridge\nmu: -1\n' > t.yaml
refuses 1 't.yaml:2:5: mu is "-1"; it takes a number from 0 up' benign sweep t.yaml data=mnist1d
printf 'not a database' > c.db
refuses 1 'c.db: ' benign export c.db
refuses 1 'd.db: ' benign curve d.db
benign help > out
grep -q 'benign sweep' out
sed -n 's/^  benign \([a-z]*\).*/\1/p' out | while read -r command; do
    benign help "$command" > /dev/null
done
benign help --man | grep -q '^.TH BENIGN 1'
benign help --completion | bash -n
test "$(benign --version)" = "benign 0.1.0"
found=0
benign train mlp width=3000000 --data mnist1d:train=20,test=5 > out 2> err || found=$?
test $found = 1 && grep -q 'GB of memory; the machine has' err
# Larger than the machine: weights from a file and the speed just now ask for no memory either.
large='input 40 fc-60000000 fc-10' few='mnist1d:train=20,test=5'
refuses 1 'GB of memory; the machine has' benign train "$large" --data $few --start no.st
shows 'unknown on 1 processor' benign train "$large" --data $few --dry-run
# A window of 10^12 taps keeps nobody waiting.
benign init 'input 10x10x1 conv1000000-4 flatten fc-2' > out
refuses 1 'GB of memory; the machine has' benign train 'input 8x5x1 conv1000000-4 flatten fc-10' \
    --data $few --json
# The last step of a run may be the one that goes too far.
shows 'the run diverged' benign train 'input 40 fc-8 relu fc-10' --data $few --epochs 1 --batch 20 \
    --lr 1e38 --store far.db
# What a terminal would obey is not passed on.
refuses 1 '?[31m.net' benign train "$(printf '\033[31m.net')"
