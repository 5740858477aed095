# Where results are written: files that exist, links, pipes, devices.
. "$TOP/test/cli_functions.sh"
write() { benign export --torch 'input 40 fc-10' --out "$1"; }

write a.py
grep -q "Linear(40, 10" a.py || {
    cat a.py
    exit 1
}

# A pipe that a program reads, /dev/stdout as a pipe and as a file that holds something already.
mkfifo pipe
cat pipe > read.py &
write pipe
wait
cmp a.py read.py
test -p pipe
write /dev/stdout | cmp - a.py
{ echo first; write /dev/stdout; echo last; } > all
{ echo first; cat a.py; echo last; } | cmp - all

# A device stays one.
write /dev/null
test -c /dev/null

# A link is followed, its mode kept, and so is what nobody may write to.
mkdir real
: > real/b.py
chmod 600 real/b.py
ln -s real/b.py link.py
write link.py
test -L link.py
cmp a.py real/b.py
test "$(stat -c %a real/b.py)" = 600
chmod 444 real/b.py
refuses 1 'link.py: cannot write: it is read-only' benign export --torch 'input 40 fc-9' --out link.py
cmp a.py real/b.py
refuses 1 'real: cannot write: it is a folder' benign export --torch 'input 40 fc-9' --out real

# Nothing is left beside what was written.
test "$(find . -name '.*.tmp' | wc -l)" = 0
