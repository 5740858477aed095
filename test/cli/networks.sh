# Convolutional networks from the command line: VGG-11 and a ResNet for 32x32 images learn, go on
# where they stopped, and give the same bits on two threads.
. "$TOP/test/cli_functions.sh"

# 36 pictures of stripes in three directions, each with its phase.
awk 'BEGIN {
    for (i = 0; i < 36; i++) {
        a = i % 3
        for (c = 0; c < 3; c++)
            for (y = 0; y < 32; y++)
                for (x = 0; x < 32; x++)
                    printf "%.3f,", sin(((a != 1) * x + (a != 0) * y) * 0.7 + i * 2.385 + c)
        print a
    }
}' > stripes.csv

learn() { # FILE OPTION...
    file=$1
    shift
    benign train --data csv:file=stripes.csv,holdout=0.25 --batch 9 --optimizer adam --lr 0.003 \
        --noise 0.1 --noise-law wrong --out "$file.weights" --store "$file.db" "$@" > "$file" 2> /dev/null
}

# Its last train loss is below its first.
falls() { # FILE
    awk '$1 == "0" { first = $2 } NF == 8 { last = $2 } END { exit !(last < 0.8 * first) }' "$1"
}

vgg=$(sed 's/fc-10/dropout p=0.25 fc-3/' "$TOP/models/vgg11-32.net")
resnet=$(sed 's/fc-10/fc-3/' "$TOP/models/resnet18k.net")
for name in vgg resnet; do
    [ $name = vgg ] && model=$vgg || model=$resnet
    learn $name "$model" k=2 epochs=6
    falls $name
    learn $name.part "$model" k=2 epochs=2
    learn $name.part "$model" k=2 epochs=6 --threads 2
    cmp $name.weights $name.part.weights
done

# Killed on the way, and again.
for seconds in 0.2 0.3; do
    timeout -s KILL $seconds benign train "$resnet" k=2 epochs=6 --data csv:file=stripes.csv,holdout=0.25 \
        --batch 9 --optimizer adam --lr 0.003 --noise 0.1 --noise-law wrong --store killed.db \
        > /dev/null 2>&1 || true
done
learn killed "$resnet" k=2 epochs=6 --threads 3
cmp resnet.weights killed.weights

# Shapes that do not go together are said with both numbers.
refuses 1 'the network takes 3072 inputs, but mnist1d' benign train mcnn k=2 --data mnist1d
