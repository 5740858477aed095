# benign symmetry, as a person uses it.
. "$TOP/test/cli_functions.sh"

# A group by generators: what was read, counts, order, closure, letters.
benign symmetry '(1 2 3)(4 5), (1 2)' > out
has 'acts on     5 points; 2 generators, counted from 1'
has '            (1 2 3)(4 5)'
has 'weights     6 free of 25'
has 'bias        2 free of 5'
has 'orbits      2 of 2, 1 of 3, 3 of 6 places'
has 'order       12'
has '            the tied layer has exactly this symmetry'
has '    d d d e f'
benign symmetry '(0 1 2)(3 4), (0 1)' --zero-based > zero
has 'weights     6 free of 25'
grep -qF '            (0 1 2)(3 4)' zero

# By name; channels; more symmetry than asked for.
benign symmetry rubik --channels 3:7 > out
has 'channels    3 to 7: 189 weights, 14 biases'
has 'order       43252003274489856000'
has '2-closure   519024039293878272000'
has 'the tied layer has more symmetry than asked for'
benign symmetry M11 > out
has 'order       7920'
has '2-closure   39916800'

# A layer from pairs to points.
benign symmetry 'S5 on pairs to S5' > out
has 'inputs      25 points'
has 'outputs     5 points'
has 'weights     5 free of 125'

# Too large to order: the pattern is given all the same.
benign symmetry 'S30 wr S30' --effort 1 --seconds 1 > out
has 'weights     3 free of 810000'
has 'order       too large to find in the time allowed'

# JSON: the keys; big numbers are strings; points count from 0 and it says so.
benign symmetry '[3,0,1,2]' --json > out
for key in group base n inputs outputs generators output_generators channels weights bias orbits size \
    row col order closure_order two_closed; do
    has "\"$key\":"
done
has '"base": 0'
has '"order": "4"'
has '"two_closed": true'
benign symmetry 'S30 wr S30' --effort 1 --seconds 1 --json > out
has '"order": null'

# The pattern as a picture: 8 places of 64 pixels, the bytes of whose header are known.
benign symmetry C8 --pattern w.png > out
[ "$(head -c 33 w.png | od -An -tx1 | tr -d ' \n')" = \
    89504e470d0a1a0a0000000d49484452000002000000020008020000007b1a43ad ] || { echo 'w.png: another header'; exit 1; }

# Weights: written, projected, checked, found again.
benign symmetry C8 --pattern w.npy > out
benign symmetry C8 --check w.npy --activation relu > out
has 'equivariant yes'
has 'tied        yes: worst violation 0'
has 'converse    holds'
benign symmetry S8 --check w.npy > out
has 'equivariant no'
has '            W[1, 0] should be W[0, 1] (from 0), by generator 1, (1 2)'
has 'x           x['
benign symmetry S8 --project w.npy tied.npy > out
has 'distance    14.9666295' # sqrt(8 * 28)
benign symmetry S8 --check tied.npy --activation 'abs(x)' --json > out
for key in base equivariant tied converse tolerance worst at x x_at; do has "\"$key\":"; done
has '"equivariant": true'
has '"converse": false'
benign symmetry --find w.npy > out
has 'values      8 different ones'
has 'order       8'
benign symmetry --find tied.npy --json > out
for key in base generators order orbits margin tolerance values; do has "\"$key\":"; done
has '"order": "40320"'
printf '0 1\n1 2\n2 3\n' > path.txt
benign symmetry 'aut(path.txt)' > out
has '            (1 4)(2 3)'

# How a group is written.
benign help groups > out
has 'A wr B on product'
test "$(awk 'length > 100' out)" = ''

# What does not fit is said, with its place.
refuses 1 'group:1:6: not a permutation: 1 is there twice' benign symmetry '(1 2 1)'
refuses 1 '         ^' benign symmetry '(1 2 1)'
refuses 1 'unpaired generators: 2 on the inputs, 4 on the outputs' benign symmetry 'S5 to S5 x S3'
refuses 1 'found "trubik"' benign symmetry S3 trubik
refuses 1 '--channels: "3"; it takes IN:OUT, each from 1 to 65536, such as 3:7' \
    benign symmetry S3 --channels 3
refuses 1 'w.npy: W has 8 rows and 8 columns; the group acts on 7 outputs and 7 inputs' \
    benign symmetry C7 --check w.npy
refuses 1 'group:1:1: none.txt: ' benign symmetry 'aut(none.txt)'
refuses 2 'which group? (benign help groups)' benign symmetry
refuses 2 '--find: finds the group; none is given' benign symmetry C8 --find w.npy
refuses 2 '--project: GROUP and OUT.npy are missing' benign symmetry --project w.npy
refuses 2 '--activation: of which --check?' benign symmetry C8 --activation relu
refuses 2 'one of --check, --project and --find at a time' benign symmetry --check a --find b
