# Data and network are compared axis by axis, wherever they meet.
. "$TOP/test/cli_functions.sh"

npy() { # FILE TYPE BYTES SHAPE: digits
    { printf '\223NUMPY\001\000\166\000'
      printf "%-117s\n" "{'descr': '$2', 'fortran_order': False, 'shape': $4, }"
      seq 1000 1300 | head -c "$3"; } > "$1"
}
mkdir last first
npy last/x.npy '|u1' 240 '(4, 5, 4, 3)'
npy first/x.npy '|u1' 240 '(4, 3, 5, 4)'
for d in last first; do
    { head -c 128 last/x.npy | sed 's/(4, 5, 4, 3)/(4,)        /'; printf '\000\001\000\001'; } > "$d"/y.npy
done
net='input 5x4x3 conv3-2 globalpool fc-2 softmax'
last='seems to have its channels last: x.transpose(0, 3, 1, 2) in NumPy turns it'
wrong='the network takes 4x5x3, but npy:dir=first,'

benign train "$net" --data npy:dir=first --epochs 1 --out w.safetensors > out
benign train 'input 60 fc-2 softmax' --data npy:dir=last --epochs 1 --store flat.db > out
refuses 1 "$last" benign train "$net" --data npy:dir=last --epochs 1
refuses 1 "$wrong" benign train 'input 4x5x3 fc-2 softmax' --data npy:dir=first --epochs 1
refuses 1 "$wrong" benign init 'input 4x5x3 fc-2 softmax' --data npy:dir=first
refuses 1 "$last" benign init "$net" --data npy:dir=last
printf 'model: "let width = 2 input 4x5x3 fc-{width} relu fc-2 softmax"\ndata: npy:dir=first\n' > s.yaml
printf 'epochs: 1\nparameters:\n  width: [2, 3]\n' >> s.yaml
refuses 1 "$wrong" benign sweep s.yaml --dry-run
refuses 1 "--data: $wrong" benign guess 'input 4x5x3 fc-2 relu fc-1' --data npy:dir=first --samples 2
shows 'first/x.npy[3]' benign predict "$net" w.safetensors first/x.npy
refuses 1 "last/x.npy: the network takes 5x4x3, but a row has examples of" benign predict "$net" w.safetensors last/x.npy
