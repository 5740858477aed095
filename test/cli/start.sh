# Training begins with the weights of a file, which is known by its content.
. "$TOP/test/cli_functions.sh"
net='input 40x1 conv5-3 stride=4 batchnorm relu fc-10 softmax'
data=mnist1d:train=100,test=50
benign train "$net" --data $data --epochs 3 --store a.db --out a.safetensors > first
benign export a.db --names torchvision --weights tv.safetensors

# Nothing is learned in no epochs: what is written is what was read, running statistics too.
benign train "$net" --data $data --epochs 0 --start a.safetensors --store b.db \
    --out b.safetensors > out
cmp a.safetensors b.safetensors
benign train "$net" --data $data --epochs 0 --start tv.safetensors --store b.db \
    --out b.safetensors > out
cmp a.safetensors b.safetensors
# The first line goes on where the run that wrote the file ended, and the distance is from there.
tail -n 1 first | cut -c 9-80 > end
tail -n 1 out | cut -c 9-80 | cmp end -
tail -n 1 out | grep -q ' 0.0000$'

# The run is kept by the content of the file: another content is another run, and the stored one
# says what it needs.
benign export b.db --json > out
grep -qE '"start": "a.safetensors@[0-9a-f]{32}"' out
start=$(grep -oE 'a.safetensors@[0-9a-f]{32}' out | head -n 1)
benign train "$net" --data $data --epochs 0 --start "$start" --store b.db > out
test "$(benign export b.db | wc -l)" = 3 # no new run
benign train "$net" --data $data --epochs 5 --store c.db --out a.safetensors > out
refuses 1 '--start: a.safetensors: is not what it was: its hash is ' \
    benign train "$net" --data $data --start "$start" --store b.db
benign train "$net" --data $data --epochs 0 --start a.safetensors --store b.db > out
test "$(benign export b.db | wc -l)" = 4

# What does not fit is said before anything runs.
refuses 1 '--start: a.safetensors: tensor "fc1.weight" at byte ' \
    benign train 'input 40x1 conv5-3 stride=2 batchnorm relu fc-10 softmax' --data $data \
    --start a.safetensors --store d.db
refuses 1 '--start: no.safetensors: cannot open' \
    benign train "$net" --data $data --start no.safetensors --store d.db
test ! -e d.db

# The program for PyTorch begins there, too.
benign export --torch "$net" data=$data start=a.safetensors epochs=2 --train run --out run.py
benign train "$net" --data $data --epochs 0 --start run/start.safetensors --out e.safetensors > out
cmp a.safetensors e.safetensors
