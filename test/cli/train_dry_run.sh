# What a run would take, before it is begun: nothing is written.
. "$TOP/test/cli_functions.sh"

benign train width=300 epochs=3 --dry-run > out
has '(all settings fixed)                         105610 '
has '1 run, '
benign train width=300 epochs=3 --dry-run --json --threads 2 > out
has '"parameters": 105610'
[ ! -e train.db ]
refuses 1 "--threads" benign train --threads 0 --dry-run
