# The layer rule holds, ARCHITECTURE.md shows what LAYERS says, and the rule does refuse.
# It writes files, so it makes a folder of its own, from wherever it is started.
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
check=$TOP/test/layers
sh "$check" "$TOP"

sh "$check" --diagram "$TOP" | sed 's/^/    /' >diagram
sed -n '/^    [0-9]   /p' "$TOP/ARCHITECTURE.md" | cmp - diagram || {
    echo "ARCHITECTURE.md should show what test/layers --diagram prints"
    exit 1
}

mkdir -p good/src/low good/src/high
printf 'low:\nhigh: low low/extra.h\n' >good/LAYERS
printf '#include <stdio.h>\n' >good/src/low/low.h
printf '#include "low/low.h"\n  #  include "low/extra.h"\n' >good/src/high/high.c
test -z "$(sh "$check" good)"

# refuse WORDS FILE LINE: with LINE added to FILE the check fails and says WORDS.
refuse() {
    rm -rf bad
    cp -r good bad
    mkdir -p "$(dirname "bad/$2")"
    echo "$3" >>"bad/$2"
    if sh "$check" bad >said; then
        echo "not refused: $3 in $2"
        exit 1
    fi
    grep -F -- "$1" said >/dev/null || {
        echo "refused, but without \"$1\":"
        cat said
        exit 1
    }
}
refuse 'src/low/low.h: LAYERS does not let low/ open high/' src/low/low.h '#include "high/high.h"'
refuse 'low/secret.h is private; the door is low/low.h' src/high/high.c '#include "low/secret.h"'
refuse '"secret.h" should be "ROOM/FILE.h"' src/low/low.h '#include "secret.h"'
refuse 'src/attic has no line' src/attic/attic.c 'int attic;'
refuse 'top opens cellar, which has no line' LAYERS 'top: cellar'
refuse 'part of a cycle' LAYERS 'a: b
b: c
c: a'
refuse 'low has two lines' LAYERS 'low: high'
