# benign count, as a person uses it.
. "$TOP/test/cli_functions.sh"

# Every model that there is can be counted.
for model in "$TOP"/models/*.net; do
    benign count "$model" > out
    benign count "$(basename "$model" .net)" > out
done

# The formats.
shows '123,642,856 of 132,863,336 parameters, 93.06 %' benign count vgg11
shows 'total                             132,863,336  7,609,090,048    62.56 MiB' benign summary vgg11
shows 'conv1,conv3-64,224x224x64,1792,86704128,12845056,3,1' benign count vgg11 --csv
shows 'conv1,conv3-64,64x224x224,1792,86704128,12845056,3,1' benign count --chw vgg11 --csv
shows '| pool5 | pool2 | 7x7x512 | 0 | 0 | 98.00 KiB | 150 | 32 |' benign count vgg11 --markdown
shows 'total &  &  & 132{,}863{,}336 & 7{,}609{,}090{,}048 & 62.56 MiB' \
    benign count vgg11 --latex
shows '"share_fc": 0.9306' benign count vgg11 --json
test "$(benign count vgg11 --csv | wc -l)" = 28
shows 'residual8,batchnorm20 + relu15,7x7x512,0,0,100352,435,32' benign count resnet18 --csv
shows 'globalpool1,globalpool,1x1x512,0,0,2048,627,32' benign count resnet18 --csv
shows 'softmax1,softmax,1000,0,0,4000,627,32' benign count resnet18 --csv

# The rows of CSV add up to the totals of JSON.
sum=$(benign count resnet18k k=7 --csv | awk -F, 'NR > 1 { sum += $4 } END { print sum }')
test "$sum" = 134977
shows '"parameters": 134977,' benign count resnet18k k=7 --json

# MODEL: a name with variables, a file, a text.
shows 'resnet18k, k = 8' benign count resnet18k k=8
shows ' 176,050 ' benign count resnet18k k=8
echo 'let n = 3 input 5 fc-{n}' > a.net
shows ' 18 ' benign count a.net
shows ' 24 ' benign count ./a.net N=4
shows 'conv1  conv5-6  28x28x6' benign count 'input 28x28x1
    conv5-6 relu' # with its line end

# What does not fit is said, with the exit code.
refuses 1 'vgg12: no such file or model, did you mean "vgg11"? models: alexnet, circulant, deepset,' \
    benign count vgg12
refuses 1 'b.net: cannot open' benign count b.net
refuses 1 'widht=8: unknown variable "widht", did you mean "width"? the variables of' \
    benign count mlp widht=8
refuses 1 'k=8: unknown variable "k"; ' benign count vgg11 k=8
refuses 1 'k=x: k is "x"; it takes a whole number' benign count resnet18k k=x
refuses 1 'a size of 0; a size is at least 1' benign count resnet18k k=0
refuses 1 'model:1:12: unknown layer "fcc", did you mean "fc"?' benign count 'input    5 fcc-3'
refuses 1 'more multiply-adds than can be counted' benign count resnet18k k=100000000
refuses 2 'benign count: which model? models: alexnet, circulant, deepset,' benign count
refuses 2 'usage: benign count MODEL [NAME=VALUE ...]' benign count --json
refuses 2 '--json and --csv: one format at a time' benign count vgg11 --csv --json
refuses 2 '--latexx: unknown option, did you mean --latex?' benign count vgg11 --latexx
refuses 2 'k: not of the form NAME=VALUE' benign count resnet18k k

# Every kind of layer stands in the help, with its options, and in the manual.
benign help layers > page
for form in 'fc-UNITS' 'convK-CHANNELS' 'poolK' 'batchnorm' 'residual { '; do
    grep -qF -e "$form" page
done
grep -q '^    bias  *add a learned constant to every output$' page
grep -q '^  *no, yes; default: yes$' page
test "$(awk 'length > 100' page)" = ''
benign help --man | grep -qF 'fc\-UNITS'
shows 'benign count MODEL [NAME=VALUE ...]' benign help summary
