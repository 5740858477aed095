# Whatever is given for a file: what has no end, or nobody who writes to it, is refused at once.
. "$TOP/test/cli_functions.sh"
mkfifo pipe.npy pipe.csv pipe.net pipe.yaml pipe.png pipe.safetensors
for ending in npy csv net yaml png safetensors; do ln -s /dev/zero zero.$ending; done
mkdir folder.npy folder.csv folder.net folder.yaml folder.safetensors
never() { # KIND COMMAND...: ends in time, and says what it was given
    what="$1; a regular file is expected"
    shift
    refuses 1 "$what" timeout 60 "$@"
}
for case in 'pipe:a named pipe' 'zero:a device' 'folder:a folder'; do
    f=${case%%:*} kind=${case#*:}
    never "$kind" benign data csv:file="$f".csv
    never "$kind" benign data npy:x="$f".npy,y="$f".npy
    never "$kind" benign ridge "$f".npy --mu 1
    never "$kind" benign ridge "$f".csv --mu 1
    never "$kind" benign curve --csv "$f".csv
    never "$kind" benign count ./"$f".net
    never "$kind" benign sweep "$f".yaml --dry-run
    never "$kind" benign predict 'input 3 fc-2' "$f".safetensors "$f".npy
    never "$kind" benign train 'input 40 fc-10 softmax' --data mnist1d:train=9,test=0 --start "$f".safetensors
    never "$kind" benign symmetry --find "$f".npy
done

benign train 'input 1x1x3 fc-1' --data gaussian:n=9,d=3,test=0 --loss squared --epochs 1 \
    --out w.safetensors > out
cp "$TOP/fuzz/seeds/image/png_6_16" x.png
for case in 'pipe:a named pipe' 'zero:a device'; do
    f=${case%%:*} kind=${case#*:}
    never "$kind" benign predict 'input 1x1x3 fc-1' w.safetensors "$f".png
    never "$kind" benign predict 'input 1x1x3 fc-1' w.safetensors "$f".npy
    never "$kind" benign predict 'input 1x1x3 fc-1' w.safetensors x.png --classes "$f".csv
    mkdir -p cifar."$f" images."$f"/a images."$f"/b idx."$f"
    ln -s ../"$f".npy cifar."$f"/data_batch_1
    ln -s ../../"$f".png images."$f"/a/1.png
    ln -s ../../"$f".png images."$f"/b/1.png
    ln -s ../"$f".npy idx."$f"/train-images-idx3-ubyte
    ln -s ../"$f".npy idx."$f"/train-labels-idx1-ubyte
    never "$kind" benign data cifar10:dir=cifar."$f"
    never "$kind" benign data folder:dir=images."$f"
    never "$kind" benign data idx:dir=idx."$f"
done

# A pipe that a shell hands over is read to its end.
printf '1,2,0\n3,4,1\n' | benign data csv:file=/dev/stdin > out
has 'examples                 2'
refuses 1 '/dev/stdin: a device; a regular file is expected' benign data csv:file=/dev/stdin < /dev/zero
