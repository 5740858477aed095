# Same settings and seeds, same bits: any number of jobs, any order, interrupted or not, and on every
# instruction set with fused multiply-adds.
. "$TOP/test/cli_functions.sh"
cat > grid.yaml <<'EOF'
model: let width = 8 input 40 fc-{width} relu fc-{width} tanh fc-10 softmax
data: mnist1d:train=203,test=101,seed=7
noise: 0.2385
noise_law: wrong
batch: 17
epochs: 40
seeds: 2
parameters:
  width: [3, 21, 60]
  optimizer: [sgd, adam]
EOF
run() { # STORE JOBS
    benign sweep grid.yaml --store "$1.db" --jobs "$2" >/dev/null 2>&1
    benign export "$1.db" > "$1.csv"
}
run one 1
run four 4
cmp one.csv four.csv
test "$(wc -l < one.csv)" -gt 200

# Killed again and again, at whatever moment.
i=0
while [ $i -lt 12 ]; do
    i=$((i + 1))
    timeout -s KILL 0.$((i % 4 + 1)) benign sweep grid.yaml --store killed.db --jobs 2 >/dev/null 2>&1 || true
done
run killed 2
cmp one.csv killed.csv

# Interrupted politely: exit code 3, and the way on is said.
stopped INT 50 benign sweep grid.yaml epochs=1000000 --store long.db --jobs 2
ended 3 'benign sweep grid.yaml epochs=1000000 --store long.db --jobs 2'
stopped INT 30 benign sweep grid.yaml --store polite.db --jobs 2
[ "$code" = 0 ] || ended 3 'benign sweep grid.yaml --store polite.db --jobs 2' # 0: it was done by then
run polite 2
cmp one.csv polite.csv

# Two sweeps on one store at once.
benign sweep grid.yaml --store shared.db --jobs 1 >/dev/null 2>&1 &
benign sweep grid.yaml --store shared.db --jobs 1 >/dev/null 2>&1
wait
run shared 1
cmp one.csv shared.csv

# More epochs later: as if asked for at once.
benign sweep grid.yaml epochs=10 --store grown.db >/dev/null 2>&1
benign sweep grid.yaml epochs=23 --store grown.db >/dev/null 2>&1
benign sweep grid.yaml --store grown.db >/dev/null 2>&1
benign export grown.db epochs=40 > grown.csv
cmp one.csv grown.csv

# Lesser instruction sets (the variable changes nothing where the processor has no better one).
if BENIGN_ISA=avx2 benign sweep grid.yaml --store avx2.db >/dev/null 2>&1; then
    benign export avx2.db > avx2.csv
    if grep -q avx2 /proc/cpuinfo; then cmp one.csv avx2.csv; fi
fi
