# ThreadSanitizer over what runs threads: sweeps, guessing, one run on several threads. Skipped where
# the program was not built with it (cmake --preset tsan && ninja -C build/tsan benign).
benign=$TOP/build/tsan/benign
if [ ! -x "$benign" ]; then
    echo "no $benign"
    exit 77
fi
export TSAN_OPTIONS=exitcode=66:halt_on_error=1
cat > grid.yaml <<'EOG'
model: mlp
data: mnist1d:train=60,test=40
epochs: 6
seeds: 2
parameters:
  width: [3, 5, 9]
EOG
"$benign" sweep grid.yaml --jobs 4
"$benign" sweep grid.yaml epochs=12 --jobs 3 # goes on from checkpoints
# Long enough for the progress line to come between the records that a worker prints.
"$benign" train mlp width=10 --data mnist1d:train=60,test=40 --epochs 2000 records=64 > records
"$benign" train mlp width=40 --data mnist1d:train=60,test=40 --epochs 6 --threads 3 > records
"$benign" guess 'input 3 fc-2 relu fc-1' --labels majority --points 0xf --guesses 20000 --jobs 3 > guesses
# Interrupted in the middle.
"$benign" sweep grid.yaml epochs=100000 --jobs 2 --store long.db &
sweep=$!
i=0
until "$benign" store long.db 2>/dev/null | grep -q running; do
    i=$((i + 1))
    test $i -lt 600
    sleep 0.1
done
kill -INT $sweep
code=0
wait $sweep || code=$?
test $code = 3
