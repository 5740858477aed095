# Tied layers from the command line: counted, trained, gone on with, the same bits on two threads.
# shellcheck source=test/cli_functions.sh
. "$TOP/test/cli_functions.sh"

# The invariant head: 3 labels of 6 points each; tied weights count once.
shows 'tied2     tied-3 group="S6 to trivial(3)"  3               15    72' \
    benign count 'let n=6 input 6x3 tied-{n} group="S{n}" channels=4 relu tied-3 group="S{n} to trivial(3)" softmax'
has 'tied1     tied-6 group="S6" channels=4     6x4             28   432'
benign count 'input 6x3 tied-6 group="S6"' --csv > out
has 'tied1,"tied-6 group=""S6""",6,7,108,24,6,1'
refuses 1 'model:1:25: the group acts on 5 inputs and 5 outputs; there are 40 points in, and tied-40 gives 40' \
    benign train 'input 40 tied-40 group="S5" fc-10 softmax'

# 6 epochs at once, or 3 and 3 more; alone or with two threads.
settings="points=40 width=3 data=mnist1d:train=200,test=100,roll=yes optimizer=adam lr=0.005 seed=1"
# shellcheck disable=SC2086
{
    benign train circulant $settings epochs=6 --store whole.db > whole 2> /dev/null
    benign train circulant $settings epochs=3 --store parts.db > /dev/null 2>&1
    benign train circulant $settings epochs=6 --store parts.db > /dev/null 2>&1
    benign train circulant $settings epochs=6 --threads 2 --store two.db > /dev/null 2>&1
}
for store in whole parts two; do benign export $store.db epochs=6 > $store.csv; done
grep -q 'group=""C40""' whole.csv
cmp whole.csv parts.csv
cmp whole.csv two.csv

# The loss of a network on sets falls.
benign train deepset points=12 d=2 width=4 outputs=2 epochs=8 optimizer=adam lr=0.005 init=torch \
    data=sets:points=12,clusters=2,train=300,test=100 > out 2> /dev/null
awk '$1 == 0 { first = $2 } $1 == 8 { last = $2 } END { exit !(last < first - 0.01) }' out || {
    cat out
    exit 1
}
