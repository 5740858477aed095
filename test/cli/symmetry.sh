# benign symmetry, as a person uses it.
refuses() { # CODE TEXT COMMAND...
    code=$1 text=$2
    shift 2
    found=0
    "$@" > out 2> err || found=$?
    if [ $found != "$code" ] || ! grep -qF -e "$text" err || [ -s out ]; then
        echo "$*: exit code $found, message:" >&2
        cat err >&2
        exit 1
    fi
}
has() { # TEXT: in out
    grep -qF -e "$1" out || {
        echo "no \"$1\" in" >&2
        cat out >&2
        exit 1
    }
}

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
refuses 2 'usage: benign symmetry' benign symmetry
