# Data sets from files: what is shown, and what is refused.
. "$TOP/test/cli_functions.sh"
mkdir cifar
cp "$TOP/fuzz/seeds/cifar/cifar10" cifar/data_batch_1
refuses 1 'cifar: has no test_batch' benign data cifar10:dir=cifar
cp cifar/data_batch_1 cifar/test_batch
shows 'shape       32x32x3' benign data cifar10:dir=cifar --sketch 1
has '  class 6                1             1  frog'
has 'example 1: class 9, truck'
shows '"airplane"' benign data cifar10:dir=cifar --json
refuses 1 'cifar: has 3 images in data_batch_1 and its like, not 4' benign data cifar10:dir=cifar,train=4
refuses 1 'data:1:31: standardise is "each"' benign data cifar10:dir=cifar,standardise=each
head -c 3000 cifar/test_batch > short
mv short cifar/test_batch
refuses 1 'cifar/test_batch: offset 3000: the file ends too early' benign data cifar10:dir=cifar
refuses 1 'cifar100:dir=cifar' benign data cifar100:dir=cifar,labels=all

mkdir -p d/ant d/bee
refuses 1 'd/ant: a class without images' benign data folder:dir=d
cp "$TOP/fuzz/seeds/image/png_6_16" d/ant/a.png
cp "$TOP/fuzz/seeds/image/jpeg_cmyk" d/bee/b.jpg
refuses 1 'd/bee/b.jpg: 21x10 pixels, but d/ant/a.png has 7x5' benign data folder:dir=d
shows 'shape       8x8x3' benign data folder:dir=d,size=8 --sketch 0
has '  class 1                1             0  bee'
shows 'shape       5x5x1' benign data folder:dir=d,size=5,colour=grey,holdout=0.5
# What a terminal would obey is not passed on; a name that is not UTF-8 keeps its place.
mkdir e && mv d e/d && cp -r e/d/bee "e/d/$(printf 'c\033[31m')" && cp -r e/d/bee "e/d/$(printf 'b\377')"
shows 'c?[31m' benign data folder:dir=e/d,size=5
benign data folder:dir=e/d,size=5 --json | tr -d ' \n' > out
has '"ant","bee","b\\xff","c'

refuses 1 '100000000 examples of 100000 features need ' benign data gaussian:n=100000000,d=100000
