# A store of runs: its name, what becomes of it while a sweep runs, what it says of itself.
# shellcheck source=test/cli_functions.sh
. "$TOP/test/cli_functions.sh"

cat > other.yaml <<'EOG'
name: width study
description: what a colleague <wanted> to know
model: mlp
data: mnist1d:train=60,test=40
epochs: 2
parameters:
  width: [4, 8]
EOG
benign sweep other.yaml > out 2>/dev/null
grep -q '^width study.db: 2 of 2 runs done' out
test "$(ls ./*.db*)" = './width study.db' # one file, without log
shows 'experiment width study: what a colleague <wanted> to know' benign store 'width study.db'
has 'width study.db: 2 runs: 2 done; '
shows 'Every run and checkpoint is what was written.' benign store --verify 'width study.db'
shows '"description": "what a colleague <wanted> to know"' benign store --json 'width study.db'
has '"damage": null'
if command -v gnuplot > /dev/null; then
    benign report 'width study.db' --out r.html > out
    grep -q '<h1>width study</h1>' r.html
    grep -q '<p>width study: what a colleague &lt;wanted&gt; to know</p>' r.html
fi

# Names that are no file's name.
for name in 'a/b' '..' '.hidden' '""' '-x' '" x"' '"a\x1b[2Jb"' "$(printf %0101d 0)"; do
    printf 'name: %s\nmodel: mlp\ndata: mnist1d:train=60,test=40\n' "$name" > bad.yaml
    refuses 1 'bad.yaml:1:7: ' benign sweep bad.yaml
done
printf 'model: mlp\ndata: "mnist1d\\x1b[2J"\n' > bad.yaml
refuses 1 'bad.yaml:2:7: data holds a control character' benign sweep bad.yaml

# Damage: said by whoever reads, mended by a sweep.
cp 'width study.db' damaged.db
at=$(grep -abo 'let width' damaged.db | head -n 1 | cut -d : -f 1)
printf 'Let' | dd of=damaged.db bs=1 seek="$at" conv=notrunc 2>/dev/null
refuses 1 'damaged.db: run ' benign export damaged.db
refuses 1 'damaged.db: run ' benign curve damaged.db
code=0
benign store --verify damaged.db > out 2> err || code=$?
test $code = 1
has 'its settings or records are damaged'
grep -q 'damaged.db: damaged in 1 place' err
benign sweep other.yaml --store damaged.db > out 2> err
grep -q 'was damaged in the store; it begins anew' err
benign export damaged.db > mended.csv
benign export 'width study.db' > whole.csv
cmp mended.csv whole.csv

# Words that nobody hears: the runs are kept.
code=0
benign sweep other.yaml --store mute.db >&- 2> err || code=$?
test $code = 1
grep -q '^standard output: cannot write' err
benign export mute.db > mute.csv
cmp mute.csv whole.csv
mkfifo pipe
# shellcheck disable=SC2094 # nothing is read
exec 3<> pipe 4> pipe 3<&- # nobody reads
code=0
benign train mlp width=4 --data mnist1d:train=60,test=40 --epochs 4 --store early.db >&4 2> err || code=$?
exec 4>&-
test $code = 1
grep -q '^standard output: cannot write' err
shows 'early.db: 1 run: 1 done' benign store early.db

# A limit on the size of files is like a full disk: an error, and the same command goes on.
code=0
(ulimit -f 200; benign sweep other.yaml width='[4,5,6,7,8,9]' --store small.db > out 2> err) || code=$?
test $code = 1
grep -q 'small.db: writing fails: is the disk, or a limit on the size of files, exhausted?' err
benign sweep other.yaml width='[4,5,6,7,8,9]' --store small.db > out 2>/dev/null
grep -q '6 of 6 runs done' out

# Before anything was recorded, and half done.
printf 'model: mlp\ndata: mnist1d:train=60,test=40\nepochs: 100000\nseeds: 2\nwidth: 4\n' > long.yaml
benign sweep long.yaml --store long.db --jobs 1 > /dev/null 2>&1 &
sweep=$!
i=0
until benign store long.db > out 2>/dev/null && grep -q '1 running' out; do
    i=$((i + 1))
    test $i -lt 600
    sleep 0.1
done
code=0
benign curve long.db > out 2> err || code=$?
test $code != 0 || grep -q 'a look at a sweep that has not ended' err
test $code = 0 || grep -q 'long.db: 2 runs, 1 is under way; none has recorded anything yet' err
kill -TERM $sweep
code=0
wait $sweep || code=$?
test $code = 3
test ! -e long.db-wal
