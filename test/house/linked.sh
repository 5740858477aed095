# What the program is linked against. OpenBLAS is loaded when a command needs it: its threads would start in
# every command, and take 128 MB of address space each.
command -v ldd >/dev/null || exit 77
ldd "$BUILD/benign" >libraries
! grep -i blas libraries || exit 1
grep -q 'libc\.' libraries
