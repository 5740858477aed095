# Training on crops and flips.
. "$TOP/test/cli_functions.sh"
train() { # FILE OPTION...
    file=$1
    shift
    benign train 'input 8 fc-7 tanh fc-3 softmax' --data csv:file=mirror.csv --epochs 5 --batch 7 \
        --noise 0.3 --noise-law wrong --out "$file.weights" "$@" > "$file" 2> /dev/null
}

differ() { # FILE FILE
    if cmp -s "$1" "$2"; then
        echo "$1 and $2 are the same" >&2
        exit 1
    fi
}

# Where every example is its own mirror image, flips change nothing, and neither do crops by nothing:
# row and (noisy) label stay together.
awk 'BEGIN { for (i = 0; i < 59; i++) { for (j = 0; j < 4; j++) x[j] = sin(i * 7.3 + j * j * 2.1)
    print x[0] "," x[1] "," x[2] "," x[3] "," x[3] "," x[2] "," x[1] "," x[0] "," i % 3 } }' > mirror.csv
train none
train flip --augment flip
train crop --augment crop-flip --augment-pad 0
cmp none.weights flip.weights
cmp none.weights crop.weights
train crop --augment crop --augment-pad 1
differ none.weights crop.weights
train other --augment crop --augment-pad 1 --augment-seed 3
differ crop.weights other.weights
refuses 1 'augment is "mirror"; it takes none, flip, crop, crop-flip' benign train mlp --augment mirror

# Each epoch has a flip of its own: whoever learns that (1, 0) gives 1 learns it of (0, 1), too, in one
# step an epoch.
printf '1,0,1\n0,1,1\n' > unit.csv
for augment in none flip; do
    benign train 'input 2 fc-1' --data csv:file=unit.csv,task=regression,holdout=0.5 --loss squared \
        --epochs 200 --lr 0.05 --augment $augment --json 2> /dev/null |
        sed -n 's/.*"test_loss": \([^,]*\), "train_loss": \([^,]*\),.*/\1 \2/p' |
        tail -n 1 > $augment.losses # of the last record
done
awk '{ test = $1; train = $2 } END { exit !(test > 0.01 && train < 1e-4) }' none.losses
awk '{ test = $1; train = $2 } END { exit !(test < 1e-4 && train < 1e-4 && NR) }' flip.losses

# Any number of jobs, interrupted or not, the same bits.
cat > grid.yaml <<'EOF'
model: let width = 8 input 40 fc-{width} relu fc-10 softmax
data: mnist1d:train=203,test=101,seed=7
augment: crop-flip
batch: 17
epochs: 40
seeds: 2
parameters:
  width: [21, 60]
EOF
benign sweep grid.yaml --store one.db --jobs 1 > /dev/null 2>&1
for i in 1 2 3 4 5 6; do
    timeout -s KILL 0.$((i % 3 + 1)) benign sweep grid.yaml --store killed.db --jobs 2 > /dev/null 2>&1 || true
done
benign sweep grid.yaml --store killed.db --jobs 3 > /dev/null 2>&1
benign sweep grid.yaml epochs=23 --store grown.db > /dev/null 2>&1
benign sweep grid.yaml --store grown.db > /dev/null 2>&1
benign export one.db > one.csv
benign export killed.db > killed.csv
benign export grown.db epochs=40 > grown.csv
cmp one.csv killed.csv
cmp one.csv grown.csv
