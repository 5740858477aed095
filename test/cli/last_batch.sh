# The last batch of an epoch may be smaller: kept, dropped, or refused where batch norm has one number.
. "$TOP/test/cli_functions.sh"
norm='input 40 fc-8 batchnorm relu fc-10 softmax'
wide='input 40x1 conv5-3 stride=4 batchnorm relu fc-10 softmax'
refuses 1 'model:1:15: batchnorm1: a batch of one example gives each channel a single number here,' \
    benign train "$norm" --data mnist1d:train=200,test=20 --batch 1
refuses 1 'which has no variance; a step needs two examples or more' \
    benign train "$norm" --data mnist1d:train=200,test=20 --samples 1
refuses 1 'batchnorm1: 201 examples in batches of 100: the last batch has one example,' \
    benign train "$norm" --data mnist1d:train=201,test=20
refuses 1 'last_batch=drop leaves that batch out' \
    benign train "$norm" --data mnist1d:train=205,test=20 --samples 5 --batch 4
refuses 1 'layernorm1: it normalises over channels, and of one channel nothing is left' \
    benign train 'input 40x1 layernorm fc-10' --init he --data mnist1d:train=20,test=20
refuses 1 'batch is 300 and the sample has 200 examples: with last_batch=drop nothing is left' \
    benign train "$wide" --data mnist1d:train=200,test=20 --batch 300 --last-batch drop
test ! -e train.db

# More than one position, or no step at all.
benign train "$wide" --data mnist1d:train=21,test=20 --batch 1 --epochs 1 --store one.db > out
benign train "$wide" --data mnist1d:train=21,test=20 --batch 20 --epochs 1 --store one.db > out
benign train "$norm" --data mnist1d:train=21,test=20 --batch 1 --epochs 0 --store one.db > out

# Dropped, the last example of the order learns nothing: the statistics are those of batches.
benign train "$norm" --data mnist1d:train=21,test=20 --batch 4 --last-batch drop --epochs 3 \
    --store drop.db --out drop.safetensors > out
! grep -q nan out
benign train "$norm" --data mnist1d:train=21,test=20 --batch 7 --epochs 3 --store drop.db > out
benign export drop.db > out
test "$(head -n 1 out | grep -o last_batch)" = last_batch

# Where nothing would be dropped the run is the same one, by the same key.
benign train "$norm" --data mnist1d:train=20,test=20 --batch 5 --epochs 2 --store same.db > out
benign train "$norm" --data mnist1d:train=20,test=20 --batch 5 --epochs 2 --last-batch drop \
    --store same.db > out
test "$(benign export same.db | cut -d , -f 1-4 | wc -l)" = 4 # a head, epochs 0, 1 and 2
benign export same.db > out
if grep -q last_batch out; then exit 1; fi
