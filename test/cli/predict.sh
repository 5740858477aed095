# benign predict, as a person uses it.
. "$TOP/test/cli_functions.sh"
echo 'input 40 fc-3 relu fc-10 softmax' > line.net
printf 'input 2x20x1\nfc-3 relu\nfc-10 softmax\n' > image.net
benign train line.net --data mnist1d:train=100,test=50 --epochs 2 --out w.safetensors > out
benign export train.db --names torchvision --weights tv.safetensors

# Two rows of numbers, of which one is 0: the biases decide.
npy() { # FILE ROWS: of 40 numbers each, all 0
    { printf '\223NUMPY\001\000\166\000'
      printf "%-117s\n" "{'descr': '<f4', 'fortran_order': False, 'shape': ($2, 40), }"
      head -c $((160 * $2)) /dev/zero; } > "$1"
}
npy x.npy 2
shows 'x.npy[1]' benign predict line.net w.safetensors x.npy --top 3
test "$(grep -c ' class ' out)" = 6
benign predict line.net w.safetensors x.npy --json > own.json
benign predict line.net tv.safetensors x.npy --json --threads 2 > tv.json
cmp own.json tv.json
for key in image class name probability output; do grep -q "\"$key\": " own.json; done

# Names of classes.
for i in a b c d e f g h i j; do echo "class-$i"; done > names
shows ' %  class-' benign predict line.net w.safetensors x.npy --classes names
echo one-more >> names
refuses 1 'names: 11 lines, but the network has 10 classes' \
    benign predict line.net w.safetensors x.npy --classes names

# Images: a folder in the order of names, single files; grey and colour.
mkdir pictures
cp "$TOP/fuzz/seeds/image/png_6_16" pictures/b.png
cp "$TOP/fuzz/seeds/image/jpeg_subsampled" pictures/a.jpg
shows 'pictures/b.png' benign predict image.net w.safetensors pictures
test "$(head -n 1 out)" = pictures/a.jpg
test "$(grep -c ' class ' out)" = 10
benign predict image.net w.safetensors pictures/a.jpg pictures/b.png > again
cmp out again
benign predict image.net w.safetensors pictures --mean 0.5 --std 0.25 > again
! cmp -s out again
printf 'let n = 3\ninput 2x20x1\nfc-{n} relu\nfc-10\n' > n.net
benign predict n.net w.safetensors pictures n=3 > again
benign predict n.net n=3 w.safetensors pictures > first
cmp again first
cmp out again
refuses 1 'has shape [3, 40], the network wants [4, 40]' \
    benign predict n.net w.safetensors pictures n=4
rm pictures/a.jpg
head -c 60 pictures/b.png > a.png
refuses 1 'a.png: ' benign predict image.net w.safetensors a.png
rm pictures/b.png
refuses 1 'pictures: no image (.png, .jpg, .jpeg) is in this folder' \
    benign predict image.net w.safetensors pictures

# What does not fit is said.
refuses 1 'the network takes 40, and an image is heightxwidthx3 or heightxwidthx1' \
    benign predict line.net w.safetensors a.png
refuses 1 'no.png: ' benign predict image.net w.safetensors no.png
echo no image > a.png
refuses 1 'a.png: ' benign predict image.net w.safetensors a.png
benign train 'input 1 fc-1' --data gaussian:n=20,d=1 --loss squared --epochs 1 --store g.db \
    --out g.safetensors > out
refuses 1 "x.npy: the network takes 1 inputs, but a row has 40 features; the file's shape should be (n, 1)" \
    benign predict 'input 1 fc-1' g.safetensors x.npy
refuses 1 'w.safetensors: tensor "fc1.weight" at byte ' benign predict mlp w.safetensors x.npy
head -c 900 w.safetensors > cut.safetensors
refuses 1 'cut.safetensors: byte ' benign predict line.net cut.safetensors x.npy
refuses 1 'x.npy: byte 0: an .npy file: one array, not the tensors of a network' benign predict line.net x.npy x.npy
refuses 1 'nothing.safetensors: cannot open' benign predict line.net nothing.safetensors x.npy
refuses 2 '--mean and --std: both or none' benign predict line.net w.safetensors x.npy --mean 0
refuses 1 '--std: a number that is not above 0' \
    benign predict line.net w.safetensors x.npy --mean 0.5 --std 0
refuses 1 '--mean: "1,2"; it takes one number or three' \
    benign predict line.net w.safetensors x.npy --mean 1,2 --std 1
refuses 1 'widht=3: unknown variable "widht"' benign predict mlp w.safetensors x.npy widht=3
refuses 2 'something is missing' benign predict line.net w.safetensors

# Numbers beyond all bounds, an image that grows beyond them, a name that a terminal would obey.
cp "$TOP/fuzz/seeds/image/png_6_16" a.png
refuses 1 "a.png: the network's outputs are not finite numbers" \
    benign predict image.net w.safetensors a.png --mean 1 --std 1e-40
refuses 1 'a.png: an image of 22937x16384 pixels' \
    benign predict image.net w.safetensors a.png --resize 16384
refuses 1 'fc-60000000000 fc-10: needs' \
    benign predict 'input 40 fc-60000000000 fc-10' w.safetensors x.npy
cp a.png "$(printf 'a\033[31m.png')"
shows 'a?[31m.png' benign predict image.net w.safetensors "$(printf 'a\033[31m.png')"
