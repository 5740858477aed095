# Texts become JSON by json_text alone (base/json.h): Jansson drops what is not UTF-8.
cd "$TOP"
found=$(grep -nE 'json_(string|stringn|sprintf)(_nocheck)?\(|"[[{][^"]*s:s' src/*/*.[ch] |
    grep -v '^src/base/json.c:') || true
if [ "$found" ]; then
    echo "$found"
    echo "json_text(...) takes any bytes; a pattern of json_pack has s:o for it"
    exit 1
fi
