// Files: read whole, replaced in one step. Every test has a folder of its own.
#include "base/base.h"
#include "run_suite.h"
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char folder[64];

static void enter(void) {
    strcpy(folder, "/tmp/benign-test-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    ck_assert_int_eq(chdir(folder), 0);
}

static void leave(void) {
    char command[100];
    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    ck_assert_int_eq(system(command), 0);
}

static size_t files_here(void) {
    size_t count = 0;
    DIR *dir = opendir(".");
    for (struct dirent *entry; (entry = readdir(dir));)
        count += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
    closedir(dir);
    return count;
}

START_TEST(what_is_written_is_read) {
    static const size_t SIZES[] = {0, 1, 65534, 65535, 65536, 300000};
    char *bytes = memory_new(300000, 1);
    for (size_t i = 0; i < 300000; i++) bytes[i] = (char)(37 * i % 251);
    for (size_t i = 0; i < sizeof SIZES / sizeof *SIZES; i++) {
        Error error;
        char *data;
        size_t size;
        ck_assert(file_write("a.bin", bytes, SIZES[i], &error));
        ck_assert(file_read("a.bin", SIZES[i], &data, &size, &error));
        ck_assert_uint_eq(size, SIZES[i]);
        ck_assert(memcmp(data, bytes, size) == 0 && data[size] == 0);
        memory_free(data);
    }
    memory_free(bytes);
    ck_assert_uint_eq(files_here(), 1);
}
END_TEST

START_TEST(errors_begin_with_the_path) {
    Error error;
    char *data;
    size_t size;
    ck_assert(!file_read("none.npy", 100, &data, &size, &error));
    ck_assert_str_eq(error.text, "none.npy: cannot open: No such file or directory");
    ck_assert(!file_read(".", 100, &data, &size, &error));
    ck_assert_str_eq(error.text, ".: a folder; a regular file is expected");
    ck_assert(file_write("a.csv", "12345678", 8, &error));
    ck_assert(!file_read("a.csv", 7, &data, &size, &error));
    ck_assert_str_eq(error.text, "a.csv: larger than the 7 bytes that are read here");
    ck_assert(!file_write("none/a.csv", "1", 1, &error));
    ck_assert_str_eq(error.text, "none/a.csv: cannot write: No such file or directory");
    ck_assert(file_make_folder("full", &error));
    ck_assert(!file_write("full", "1", 1, &error));
    ck_assert_str_eq(error.text, "full: cannot write: it is a folder");
    ck_assert_uint_eq(files_here(), 2); // no temporary file stays
}
END_TEST

static void expect_content(const char *path, const char *content) {
    char *data;
    size_t size;
    ck_assert(file_read(path, 100, &data, &size, NULL));
    ck_assert_str_eq(data, content);
    memory_free(data);
}

static mode_t mode_of(const char *path) {
    struct stat status;
    ck_assert_int_eq(lstat(path, &status), 0);
    return status.st_mode;
}

START_TEST(links_are_followed_and_modes_kept) {
    Error error;
    ck_assert(file_make_folder("far", &error));
    ck_assert(file_write("far/real", "old", 3, &error));
    ck_assert_int_eq(mode_of("far/real") & 0777, 0644);
    ck_assert_int_eq(chmod("far/real", 0640), 0);
    ck_assert_int_eq(symlink("real", "far/second"), 0);
    ck_assert_int_eq(symlink("far/second", "first"), 0);
    ck_assert(file_write("first", "new", 3, &error));
    expect_content("far/real", "new");
    ck_assert(S_ISLNK(mode_of("first")) && S_ISLNK(mode_of("far/second")));
    ck_assert_int_eq(mode_of("far/real") & 0777, 0640);

    ck_assert_int_eq(symlink("far/nothing", "dangling"), 0);
    ck_assert(file_write("dangling", "made", 4, &error));
    expect_content("far/nothing", "made");
    ck_assert_int_eq(symlink("circle", "circle"), 0);
    ck_assert(!file_write("circle", "1", 1, &error));
    ck_assert_str_eq(error.text, "circle: cannot write: Too many levels of symbolic links");
}
END_TEST

START_TEST(read_only_stays) {
    Error error;
    ck_assert(file_write("a.csv", "old", 3, &error));
    ck_assert_int_eq(chmod("a.csv", 0444), 0);
    ck_assert(!file_write("a.csv", "new", 3, &error));
    ck_assert_str_eq(error.text, "a.csv: cannot write: it is read-only");
    expect_content("a.csv", "old");
    ck_assert_uint_eq(files_here(), 1);
}
END_TEST

// A pipe with a reader gets the bytes and is still a pipe afterwards; so is a device.
START_TEST(pipes_and_devices_are_not_replaced) {
    Error error;
    ck_assert_int_eq(mkfifo("pipe", 0600), 0);
    int reader = open("pipe", O_RDONLY | O_NONBLOCK);
    ck_assert_int_ge(reader, 0);
    ck_assert(file_write("pipe", "2.385", 5, &error));
    char got[8] = "";
    ck_assert_int_eq(read(reader, got, sizeof got), 5);
    ck_assert_str_eq(got, "2.385");
    close(reader);
    ck_assert(S_ISFIFO(mode_of("pipe")));
    ck_assert(file_write("/dev/null", "1", 1, &error));
    ck_assert(S_ISCHR(mode_of("/dev/null")));
    ck_assert(!file_write("/dev/full", "1", 1, &error));
    ck_assert_str_eq(error.text, "/dev/full: cannot write: No space left on device");
    ck_assert_uint_eq(files_here(), 1);
}
END_TEST

// With standard output in a file, /dev/stdout goes on where the output stands.
START_TEST(own_output_goes_on) {
    fflush(stdout);
    int kept = dup(1), file = open("out.txt", O_WRONLY | O_CREAT, 0600);
    ck_assert(kept >= 0 && file >= 0);
    ck_assert_int_eq(dup2(file, 1), 1);
    printf("before ");
    bool ok = file_write("/dev/stdout", "between ", 8, NULL);
    printf("after");
    fflush(stdout);
    ck_assert_int_eq(dup2(kept, 1), 1);
    close(kept);
    close(file);
    ck_assert(ok);
    expect_content("out.txt", "before between after");
    ck_assert_uint_eq(files_here(), 1);
}
END_TEST

// Two temporary files have two names, and nobody can foresee them: all that is tested is that they
// differ.
START_TEST(temporary_files) {
    Error error;
    Text first = {0}, second = {0};
    int one = file_temporary(".", "a.csv", &first, &error);
    int two = file_temporary(".", "a.csv", &second, &error);
    ck_assert(one >= 0 && two >= 0);
    ck_assert_str_ne(first.data, second.data);
    ck_assert_uint_eq(files_here(), 2);
    close(one);
    close(two);
    text_cut(&first, 0);
    ck_assert_int_eq(file_temporary("none", "none/a.csv", &first, &error), -1);
    ck_assert_str_eq(error.text, "none/a.csv: cannot write: No such file or directory");
    ck_assert_uint_eq(first.length, 0);
    text_free(&first);
    text_free(&second);
}
END_TEST

START_TEST(folders_of_paths) {
    static const char *const CASES[][2] = {
        {"a", "."}, {"a/b", "a"}, {"/a", "/"}, {"a/b/", "a/b"}, {"../x/y.db", "../x"}};
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        char *got = file_folder(CASES[i][0]);
        ck_assert_str_eq(got, CASES[i][1]);
        memory_free(got);
    }
}
END_TEST

static void refused(const char *path, const char *message) {
    Error error;
    char *data;
    size_t size;
    ck_assert(!file_read(path, 100, &data, &size, &error));
    ck_assert_str_eq(error.text, message);
}

// None of these would ever end, or begin.
START_TEST(only_files_with_an_end_are_read) {
    Error error;
    char *data, path[32];
    size_t size;
    int ends[2];
    ck_assert(mkfifo("fifo", 0600) == 0);
    refused("fifo", "fifo: a named pipe; a regular file is expected");
    refused("/dev/zero", "/dev/zero: a device; a regular file is expected");
    refused("/dev/null", "/dev/null: a device; a regular file is expected");
    ck_assert(symlink("fifo", "link") == 0);
    refused("link", "link: a named pipe; a regular file is expected");
    ck_assert(file_read("/proc/self/stat", 4096, &data, &size, &error) && size > 20); // says 0
    memory_free(data);
    ck_assert(truncate("sparse", 0) != 0 && file_write("sparse", "1", 1, &error));
    if (truncate("sparse", (off_t)1 << 43) == 0) { // 8 TiB of nothing
        ck_assert(!file_read("sparse", (size_t)1 << 60, &data, &size, &error));
        ck_assert(text_starts(error.text, "sparse: 8796.1 GB; the machine has "));
    }
    ck_assert(pipe(ends) == 0); // as a shell hands one over
    snprintf(path, sizeof path, "/dev/fd/%d", ends[0]);
    ck_assert(write(ends[1], "2.385", 5) == 5 && close(ends[1]) == 0);
    ck_assert(file_read(path, 100, &data, &size, &error));
    ck_assert(size == 5 && strcmp(data, "2.385") == 0);
    memory_free(data);
    close(ends[0]);
}
END_TEST

enum { LARGE = 1 << 20 };

static void fill_and_write(char letter) {
    static char bytes[LARGE];
    memset(bytes, letter, LARGE);
    if (!file_write("a.bin", bytes, LARGE, NULL)) _exit(1);
}

static void expect_whole(void) {
    Error error;
    char *data;
    size_t size;
    ck_assert(file_read("a.bin", LARGE, &data, &size, &error));
    ck_assert_uint_eq(size, LARGE);
    ck_assert(data[0] == 'a' || data[0] == 'b');
    for (size_t i = 0; i < size; i += 512) ck_assert_int_eq(data[i], data[0]);
    memory_free(data);
}

// A reader sees one content or the other while they alternate; so does whoever comes after a kill.
START_TEST(replacing_is_one_step) {
    fill_and_write('a');
    for (int round = 0; round < 5; round++) {
        pid_t writer = fork();
        ck_assert_int_ge(writer, 0);
        if (writer == 0) {
            for (int i = 0;; i++) fill_and_write(i % 2 ? 'a' : 'b');
        }
        for (int i = 0; i < 20 + round; i++) expect_whole();
        kill(writer, SIGKILL);
        int status;
        ck_assert_int_eq(waitpid(writer, &status, 0), writer);
        ck_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
        expect_whole();
    }
    ck_assert_uint_le(files_here(), 1 + 5); // at most one temporary file for each kill
}
END_TEST

START_TEST(folders) {
    Error error;
    ck_assert(file_make_folder("out/mnist1d/pictures", &error));
    ck_assert(file_make_folder("out/mnist1d//pictures/", &error));
    ck_assert(file_make_folder("/", &error));
    ck_assert(file_exists("out/mnist1d/pictures"));
    ck_assert(!file_exists("out/fashion"));
    ck_assert(file_write("plain", "1", 1, &error));
    ck_assert(!file_make_folder("plain/more", &error));
    ck_assert_str_eq(error.text, "plain/more: cannot make the folder: Not a directory");
    ck_assert(!file_make_folder("plain", &error));
    ck_assert(text_starts(error.text, "plain: cannot make the folder: a file is there"));
}
END_TEST

static void expect_join(const char *dir, const char *name, const char *expected) {
    char *path = file_join(dir, name);
    ck_assert_str_eq(path, expected);
    memory_free(path);
}

START_TEST(paths) {
    expect_join("models", "mlp.net", "models/mlp.net");
    expect_join("models/", "mlp.net", "models/mlp.net");
    expect_join("/", "mlp.net", "/mlp.net");
    expect_join(".", "mlp.net", "mlp.net");
    expect_join("", "mlp.net", "mlp.net");
}
END_TEST

int main(void) {
    Suite *suite = suite_create("base/file");
    TCase *all = tcase_create("file");
    tcase_add_checked_fixture(all, enter, leave);
    tcase_set_timeout(all, 60);
    tcase_add_test(all, what_is_written_is_read);
    tcase_add_test(all, errors_begin_with_the_path);
    tcase_add_test(all, only_files_with_an_end_are_read);
    tcase_add_test(all, links_are_followed_and_modes_kept);
    tcase_add_test(all, read_only_stays);
    tcase_add_test(all, pipes_and_devices_are_not_replaced);
    tcase_add_test(all, own_output_goes_on);
    tcase_add_test(all, temporary_files);
    tcase_add_test(all, folders_of_paths);
    tcase_add_test(all, replacing_is_one_step);
    tcase_add_test(all, folders);
    tcase_add_test(all, paths);
    suite_add_tcase(suite, all);
    return run_suite(suite);
}
