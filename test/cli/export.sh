# Weights and programs out of stores and models, as a person takes them.
. "$TOP/test/cli_functions.sh"
cat > small.yaml <<'YAML'
model: mlp
data: mnist1d:train=100,test=50
epochs: 3
parameters:
  width: [4, 5]
YAML
benign sweep small.yaml > out 2>/dev/null

# The weights of one run, by either set of names.
benign export small.db width=5 --weights w.safetensors
strings() { head -c "$2" "$1" | tr -d '\0'; }
strings w.safetensors 1200 | grep -q '"fc1.weight":{"dtype":"F32","shape":\[5,40\],'
strings w.safetensors 1200 | grep -q '"network":"input 40 fc-5 relu fc-5 relu fc-10 softmax"'
! strings w.safetensors 2000 | grep -q state0
benign export small.db width=5 --names torchvision --weights tv.safetensors
strings tv.safetensors 1200 | grep -q '"classifier.6.weight":{"dtype":"F32","shape":\[10,5\],'
benign train mlp width=5 --data mnist1d:train=100,test=50 --epochs 3 --out again.safetensors \
    --store small.db > out
cmp w.safetensors again.safetensors
refuses 1 'small.db: several runs have these settings; NAME=VALUE picks one, by width' \
    benign export small.db --weights x.safetensors
refuses 1 'small.db: ' benign export small.db width=6 --weights x.safetensors
refuses 1 '--names: names is "torch"; it takes own, torchvision, sequential' \
    benign export small.db width=5 --names torch --weights x.safetensors
refuses 2 '--names: goes with --weights' benign export small.db --names own
refuses 2 '--train: goes with --torch' benign export small.db --train folder
refuses 2 '--torch and --weights: one at a time' benign export small.db --torch --weights w
test ! -e x.safetensors

# What torchvision has no model of.
benign train 'input 40 residual { fc-40 relu } fc-10' --data mnist1d:train=50,test=10 --epochs 1 \
    --store r.db > out
refuses 1 'fc1: it is neither a convolution nor a batchnorm' \
    benign export r.db --names torchvision --weights x.safetensors

# A network as a program; one line for each layer.
shows 'self.conv2 = nn.Conv2d(6, 16, 5, stride=1, padding=0, groups=1, bias=True)' \
    benign export --torch lenet5
has 'x = self.fc1(x.flatten(1))'
shows 'self.conv1 = nn.Conv1d(1, 7, 5, stride=2, padding=1, groups=1, bias=True)' \
    benign export --torch mnist1d-cnn c=7
benign export --torch 'input 6x6x3 layernorm sign dropout p=0.25 globalpool fc-2' --out net.py
grep -q '^class ChannelNorm(nn.LayerNorm):' net.py
grep -q '^class Sign(nn.Module):' net.py
benign export --torch 'input 6x6x3 residual { conv3-3 residual { conv3-3 leaky slope=0.25 }
    shortcut { conv1-3 } } conv3-1' > net.py
grep -q '        b2 = self.leaky1(b2)' net.py
grep -q '        s2 = self.conv3(b1)' net.py
grep -q '        b1 = b2 + s2' net.py
grep -q '        x = b1 + x' net.py
grep -q 'self.leaky1 = nn.LeakyReLU(0.25)' net.py
if python3 -c '' 2>/dev/null; then
    for model in "$TOP"/models/*.net; do
        benign export --torch "$model" > net.py
        python3 -c 'import ast; ast.parse(open("net.py").read())'
    done
fi

# With the steps of a run, from settings and from a store: the same.
benign export --torch mlp width=5 data=mnist1d:train=100,test=50 epochs=3 --train one --out one.py
benign export --torch small.db width=5 --train two --out two.py
for file in x_train.npy y_train.npy x_test.npy y_test.npy start.safetensors; do
    cmp one/$file two/$file
done
sed 's/^MODEL = "small.db"/MODEL = "mlp"/' two.py | cmp - one.py
grep -q 'EPOCHS, BATCH, ORDER_SEED = 3, 100, 0' one.py
refuses 1 'widht=5: unknown setting "widht"' benign export --torch mlp widht=5 --train three
refuses 1 'augment is "flip"; a Python program has runs with augment=none' \
    benign export --torch mlp augment=flip --train three
refuses 1 'no such file or model' benign export --torch nowhere
