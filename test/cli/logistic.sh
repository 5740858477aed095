# One output tells two classes apart: with loss logistic a separable set is learnt to the last label.
awk 'BEGIN { for (i = 0; i < 40; i++) { x = (i * 7) % 40 - 19.5; y = (i * 11) % 40 - 19.5
             printf "%g,%g,%d\n", x / 10, y / 10, (x + 2 * y > 3) } }' > two.csv
benign train "input 2 fc-8 relu fc-1" --data csv:file=two.csv --loss logistic --lr 0.1 --epochs 200 > table
awk '$1 == "0" { first = $3; loss = $2 }
     $1 == "200" { if (!(first > 0.2 && $3 == 0 && $2 < 0.1 && loss > 0.3)) exit 1; seen = 1 }
     END { if (!seen) exit 1 }' table || { cat table; exit 1; }
found=0
benign train mlp --loss logistic --epochs 1 2> err || found=$?
test $found = 1
grep -qF 'loss logistic goes with one output and two classes, but the network gives 10, and' err
