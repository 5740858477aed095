# Every C source is laid out as .clang-format says.
command -v clang-format-14 >/dev/null || exit 77
cd "$TOP"
find src test fuzz bench doc -name '*.[ch]' -exec clang-format-14 --dry-run -Werror {} +
