# A small sweep from the file to the verdict.
cat > small.yaml <<'EOF'
model: mlp
data: mnist1d:train=300,test=200
noise: 0.15
noise_law: redrawn
init: torch
epochs: 30
seeds: 3
parameters:
  width: geomspace(2, 60, 6)
EOF
benign sweep small.yaml --dry-run > plan
grep -q '^18 runs' plan
test ! -e small.db
benign sweep small.yaml > out 2>/dev/null
grep -q '^small.db: 18 of 18 runs done' out
benign sweep small.yaml --json > again 2>/dev/null
grep -q '"reused": 18' again
benign curve small.db > words
grep -q 'test_error along width' words
benign curve small.db --json > curve.json
grep -q '"peak_interval"' curve.json
benign export small.db > runs.csv
benign curve --csv runs.csv | tail -n 1 > from_csv
tail -n 1 words > from_store
cmp from_csv from_store

# A diverging and a failing cell do not stop the others.
benign sweep small.yaml 'lr=[0.01,1e30]' 'width=[2,4]' seeds=1 --store bad.db > out 2>/dev/null
grep -q '2 diverged' out

# One run: stored, continued, weights written.
benign train mlp width=5 --data mnist1d:train=100,test=50 --epochs 3 --out w.safetensors > out 2>/dev/null
test "$(head -c 9 w.safetensors | tail -c 1)" = '{'
benign train mlp width=5 --data mnist1d:train=100,test=50 --epochs 3 --json 2>/dev/null > run.json
grep -q '"epoch":3' run.json || grep -q '"epoch": 3' run.json
benign data show mnist1d:train=100,test=50 | grep -q 40
benign train mlp width=5 --data mnist1d:train=100,test=50 --epochs 3 > once 2>/dev/null
benign train mlp width=5 --data mnist1d:train=100,test=50 --epochs 3 > twice 2>/dev/null
cmp once twice
test "$(wc -l < twice)" = 6

# Twice the epochs: half is done already.
benign sweep small.yaml epochs=60 --dry-run --json > longer
sed -n 's/^  "flops": \(.*\),/\1/p; s/^  "flops_left": \(.*\),/\1/p' longer > two
awk 'NR == 1 { all = $1 } NR == 2 { exit !($1 > 0.45 * all && $1 < 0.55 * all) }' two

# Random features instead of a network: the same store, verdict, pictures and export.
cat > features.yaml <<'EOF'
task: ridge
data: mnist1d:train=60,test=40
seeds: 3
parameters:
  width: [5, 15, 30, 45, 60, 80, 150, 300]
EOF
benign sweep features.yaml --dry-run > plan
grep -q '^24 runs' plan
grep -q ' (by the speed' plan
benign sweep features.yaml > out 2>/dev/null
grep -q '^features.db: 24 of 24 runs done' out
benign sweep features.yaml --json 2>/dev/null | grep -q '"reused": 24'
benign curve features.db --y test_loss > words
grep -q 'largest bump of the mean curve is .* at width 60\.' words # where P = N; 3 seeds do not show it
benign export features.db > runs.csv
test "$(wc -l < runs.csv)" = 25
if command -v gnuplot > /dev/null; then
    benign plot features.db --y test_loss --out features.svg > out
    test -s features.gp
    benign report features.db > out
    test -s features.html
fi
