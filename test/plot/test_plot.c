// Pictures: drawn whatever the names and numbers, with their origin inside, or not there at all.
#include "plot/inner.h"
#include "run_suite.h"
#include <dirent.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

enum { LARGEST = 1 << 26 };

static char folder[64];

static void enter_folder(void) {
    strcpy(folder, "/tmp/benign-plot-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    ck_assert_int_eq(chdir(folder), 0);
}

static size_t count_files(void) {
    size_t count = 0;
    DIR *dir = opendir(folder);
    ck_assert_ptr_nonnull(dir);
    for (struct dirent *entry; (entry = readdir(dir));)
        count += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
    closedir(dir);
    return count;
}

static void leave_folder(void) {
    DIR *dir = opendir(folder);
    for (struct dirent *entry; dir && (entry = readdir(dir));) unlink(entry->d_name);
    if (dir) closedir(dir);
    ck_assert_int_eq(chdir("/"), 0);
    rmdir(folder);
}

static const char *const HOSTILE = "'''{[(! #it''s \"$(touch pwned)\" `touch pwned` @x %s <b>&]]>\n"
                                   "\xFF\\";

// Widths 2 .. 300 over 9 epochs and 3 seeds, with a peak; every text hostile.
static void make_table(Table *table) {
    static const char *const columns[] = {"width",       "note",      "samples_used",
                                          "parameters",  "seed",      "epoch",
                                          "train_error", "test_loss", "test_error"};
    Error error = {0};
    Random random = random_stream(1, RANDOM_TEST, 0);
    table_start(table, HOSTILE);
    for (int i = 0; i < 9; i++) ck_assert(table_add_column(table, columns[i], &error));
    for (int j = 0; j < 12; j++) {
        for (int s = 0; s < 3; s++) {
            for (int e = 0; e < 9; e++) {
                double u = j / 11.0 + 0.02 * (e - 8), hump = exp(-pow((u - 0.6) / 0.15, 2));
                double test =
                    0.45 + 0.3 * exp(-6 * u) + 0.1 * hump + 0.004 * random_normal(&random);
                double numbers[] = {round(2 * pow(150, j / 11.0)),
                                    0,
                                    4000,
                                    100.0 * j + 10,
                                    s,
                                    1 << e,
                                    fmax(0, 0.6 - u),
                                    5 * test,
                                    test};
                Text cell[9] = {0};
                const char *texts[9];
                for (int i = 0; i < 9; i++) {
                    text_add_real(&cell[i], numbers[i]);
                    texts[i] = i == 1 ? HOSTILE : cell[i].data;
                }
                ck_assert(table_add_row(table, texts, 0, &error));
                for (int i = 0; i < 9; i++) text_free(&cell[i]);
            }
        }
    }
}

static void make_set(CurveSet *set) {
    Table table;
    Error error = {0};
    make_table(&table);
    ck_assert_msg(curve_build(&table, &(CurveOptions){.x = "width"}, set, &error), "%s",
                  error.text);
    curve_judge(set);
    table_free(&table);
}

static void draw(const CurveSet *set, const char *path) {
    Error error = {0};
    PlotOptions options = {.path = path, .title = HOSTILE, .command = HOSTILE, .width = 4.5};
    ck_assert_msg(plot_curves(&set, 1, &options, &error), "%s: %s", path, error.text);
}

static char *read_picture(const char *path, size_t *size) {
    char *data;
    Error error = {0};
    ck_assert_msg(file_read(path, LARGEST, &data, size, &error), "%s", error.text);
    return data;
}

// Tags balance and entities are known: enough of XML to notice text that was not escaped.
static void check_tags(const char *data) {
    int depth = 0;
    for (const char *c = data; *c; c++) {
        ck_assert((unsigned char)*c >= 0x20 || *c == '\n' || *c == '\t' || *c == '\r');
        ck_assert_int_ne(strncmp(c, "]]>", 3), 0);
        if (*c == '&')
            ck_assert(strncmp(c, "&lt;", 4) == 0 || strncmp(c, "&gt;", 4) == 0 ||
                      strncmp(c, "&amp;", 5) == 0 || strncmp(c, "&quot;", 6) == 0 ||
                      strncmp(c, "&#", 2) == 0);
        if (*c != '<') continue;
        const char *end = strchr(c, '>');
        ck_assert_ptr_nonnull(end);
        if (c[1] == '/') depth--;
        if (c[1] != '/' && c[1] != '?' && c[1] != '!' && end[-1] != '/') depth++;
    }
    ck_assert_int_eq(depth, 0);
}

START_TEST(test_svg_tells_its_origin) {
    CurveSet set;
    size_t size;
    make_set(&set);
    draw(&set, "curve.svg");
    char *data = read_picture("curve.svg", &size);
    check_tags(data);
    ck_assert_ptr_nonnull(strstr(data, "<metadata>benign " BENIGN_VERSION "\ncommand: &#39;"));
    ck_assert_ptr_nonnull(strstr(data, "seeds: seed=0; seed=1; seed=2\n"));
    ck_assert_ptr_nonnull(strstr(data, "`touch pwned` @x %s &lt;b&gt;&amp;"));
    ck_assert_uint_eq(count_files(), 3); // picture, script, data; nothing was run or left
    memory_free(data);
    curve_free(&set);
}
END_TEST

START_TEST(test_script_draws_it_again) {
    CurveSet set;
    size_t size;
    make_set(&set);
    draw(&set, "curve.svg");
    ck_assert_int_eq(unlink("curve.svg"), 0);
    ck_assert_int_eq(system("gnuplot curve.gp"), 0);
    char *data = read_picture("curve.svg", &size);
    ck_assert_uint_gt(size, 1000);
    memory_free(data);
    curve_free(&set);
}
END_TEST

START_TEST(test_png_chunks_are_sound) {
    CurveSet set;
    size_t size;
    bool noted = false;
    make_set(&set);
    draw(&set, "curve.png");
    char *data = read_picture("curve.png", &size);
    const unsigned char *c = (const unsigned char *)data + 8, *end = (unsigned char *)data + size;
    while (c < end) {
        uint32_t length = (uint32_t)c[0] << 24 | (uint32_t)c[1] << 16 | (uint32_t)c[2] << 8 | c[3];
        const unsigned char *sum = c + 8 + length;
        uint32_t crc =
            (uint32_t)sum[0] << 24 | (uint32_t)sum[1] << 16 | (uint32_t)sum[2] << 8 | sum[3];
        ck_assert_uint_eq(crc, crc32(0, c + 4, length + 4));
        if (length >= 27 && memcmp(c + 4, "iTXtDescription\0\0\0\0\0benign ", 27) == 0)
            noted = true;
        c = sum + 4;
    }
    ck_assert_ptr_eq(c, end);
    ck_assert(noted);
    memory_free(data);
    curve_free(&set);
}
END_TEST

START_TEST(test_pdf_points_to_its_note) {
    CurveSet set;
    size_t size;
    make_set(&set);
    draw(&set, "curve.pdf");
    char *data = read_picture("curve.pdf", &size), *last = data;
    for (size_t i = 0; i + 10 < size; i++) {
        if (memcmp(data + i, "startxref\n", 10) == 0) last = data + i;
    }
    size_t table = strtoul(last + 10, NULL, 10);
    unsigned object, count;
    unsigned long offset;
    ck_assert_int_eq(sscanf(data + table, "xref\n%u %u\n%lu", &object, &count, &offset), 3);
    Text head = {0};
    text_printf(&head, "%u 0 obj\n<< /Creator (benign ", object);
    ck_assert_int_eq(memcmp(data + offset, head.data, head.length), 0);
    ck_assert_ptr_nonnull(
        strstr(data + offset, "/Subject <FEFF00620065006E00690067006E")); // benign
    text_free(&head);
    memory_free(data);
    curve_free(&set);
}
END_TEST

static const char *const NAMES[] = {
    "it's ''quoted''.svg", "<touch pwned.svg",  "|touch pwned.svg", "-e.svg",
    "`touch pwned`.svg",   "$(x) @y \"z\".svg", "{#\\.svg",         ".svg"};

START_TEST(test_any_name_will_do) {
    CurveSet set;
    make_set(&set);
    draw(&set, NAMES[_i]);
    ck_assert(file_exists(NAMES[_i]));
    ck_assert_uint_eq(count_files(), 3);
    curve_free(&set);
}
END_TEST

START_TEST(test_leaves_nothing_without_gnuplot) {
    CurveSet set;
    Error error = {0};
    make_set(&set);
    draw(&set, "old.svg");
    const char *path = getenv("PATH");
    char *kept = memory_text(path ? path : "");
    setenv("PATH", folder, 1);
    const CurveSet *panel = &set;
    ck_assert(!plot_curves(&panel, 1, &(PlotOptions){.path = "new.svg"}, &error));
    setenv("PATH", kept, 1);
    ck_assert_str_eq(error.text, "new.svg: the program gnuplot is not there to draw it; install "
                                 "the Debian package gnuplot-nox");
    ck_assert_uint_eq(count_files(), 3); // those of the old one
    ck_assert(!plot_curves(&panel, 1, &(PlotOptions){.path = "a.jpg"}, &error));
    ck_assert_str_eq(error.text, "a.jpg: a picture's name ends in .svg, .pdf or .png");
    ck_assert(!plot_curves(&panel, 1, &(PlotOptions){.path = "no/such/a.svg"}, &error));
    ck_assert_uint_eq(count_files(), 3);
    memory_free(kept);
    curve_free(&set);
}
END_TEST

static const char *const ODD[] = {
    "x,test_error\n1,2\n",                                             // one point
    "x,test_error\n1,nan\n2,nan\n",                                    // nothing finite
    "x,test_error\n1,5\n2,5\n3,5\n",                                   // constant
    "x,test_error,train_error\n-1e300,1,nan\n0,-2,0\n1e300,1e300,0\n", // far
    "x,seed,test_error\n0,1,1\n0,2,2\n7,1,\n9,3,1e-300\n",             // gaps
};

START_TEST(test_draws_odd_curves) {
    Table table;
    CurveSet set;
    Error error = {0};
    ck_assert(curve_parse_csv("odd", ODD[_i], strlen(ODD[_i]), &table, &error));
    ck_assert_msg(curve_build(&table, &(CurveOptions){.x = "x"}, &set, &error), "%s", error.text);
    curve_judge(&set);
    draw(&set, "odd.svg");
    ck_assert_msg(
        plot_report(&table, &(CurveOptions){.x = "x"}, &(PlotOptions){.path = "odd.html"}, &error),
        "%s", error.text);
    curve_free(&set);
    table_free(&table);
}
END_TEST

START_TEST(test_draws_several_curves) {
    Table table;
    CurveSet set;
    Error error = {0};
    make_table(&table);
    const char *const by[] = {"width", NULL};
    ck_assert(curve_build(&table, &(CurveOptions){.x = "epoch", .by = by}, &set, &error));
    curve_locate(&set);
    draw(&set, "several.svg");
    curve_free(&set);
    table_free(&table);
}
END_TEST

static void draw_lines(const PlotLines *picture, const char *path) {
    Error error = {0};
    PlotOptions options = {.path = path, .title = HOSTILE, .command = HOSTILE};
    ck_assert_msg(plot_lines(picture, &options, &error), "%s: %s", path, error.text);
}

// Lines, dashed ones, points with error bars, gaps, a cut, an upright: as data, and as a picture.
START_TEST(test_draws_lines) {
    const double x[] = {0.5, 5, 50, 500}, y[] = {2.385, NAN, INFINITY, 3}, z[] = {1, 2, 90, 4};
    const double bar[] = {0.1, 0.2, NAN, 0.4}, low[] = {0.7, 1.5, NAN, 3}, high[] = {1.3, 9, 9, 77};
    const PlotLine lines[] = {
        {.name = HOSTILE, .count = 4, .x = x, .y = y},
        {.name = "theory",
         .count = 4,
         .x = x,
         .y = z,
         .dashed = true,
         .low = low,
         .high = high,
         .band_name = HOSTILE},
        {.name = "measured", .count = 4, .x = x, .y = z, .spread = bar, .paired = true}};
    PlotLines picture = {HOSTILE, HOSTILE, lines, 3, false, 10, 50, HOSTILE, HOSTILE};
    size_t size;
    draw_lines(&picture, "lines.svg");
    char *data = read_picture("lines.svg", &size);
    check_tags(data);
    ck_assert_uint_eq(count_files(), 3);
    memory_free(data);
    data = read_picture("lines.tsv", &size);
    ck_assert_ptr_nonnull(strstr(data, "\n0.5\t2.385\n\n500\t3\n"));
    ck_assert_ptr_nonnull(strstr(data, "half of the error bar\n0.5\t1\t0.1\n5\t2\t0.2\n"));
    ck_assert_ptr_nonnull(strstr(data, "from, to\n0.5\t0.7\t1.3\n5\t1.5\t9\n500\t3\t10\n")); // cut
    memory_free(data);
    data = read_picture("lines.gp", &size);
    ck_assert_ptr_nonnull(
        strstr(data, "index 2 using 1:2:3 with filledcurves fillcolor '#0072B2'"));
    ck_assert_ptr_nonnull(strstr(data, "linewidth 1 linecolor '#0072B2' title 'measured'"));
    memory_free(data);
    picture.log_y = true;
    picture.mark = NAN;
    draw_lines(&picture, "lines.pdf");
    const double narrow[] = {1.21, 1.43, 1.32, 1.75}, one[] = {2.385};
    const PlotLine few[] = {{.name = "narrow", .count = 4, .x = x, .y = narrow},
                            {.name = "one", .count = 1, .x = x, .y = one}};
    draw_lines(&(PlotLines){"x", "y", few, 2, true, 0, NAN, NULL, ""}, "few.svg");
    data = read_picture("few.gp", &size);
    ck_assert_ptr_nonnull(strstr(data, "set ytics ('1.5' 1.5, '2' 2"));
    ck_assert_ptr_nonnull(strstr(data, "DATA index 1 using 1:2 with points"));
    memory_free(data);
    const double far[] = {1e-5, 1e-2, 10, 1e4};
    const PlotLine wide[] = {{.name = "wide", .count = 4, .x = far, .y = x}};
    PlotOptions slim = {.path = "wide.svg", .width = 3.25};
    ck_assert(plot_lines(&(PlotLines){"x", "y", wide, 1, false, 0, NAN, NULL, ""}, &slim, NULL));
    data = read_picture("wide.gp", &size);
    ck_assert_ptr_nonnull(strstr(data, "set xtics ("));
    ck_assert_ptr_null(strstr(data, "'' "));
    memory_free(data);
    const double nothing[] = {NAN, NAN, -1, 0};
    const PlotLine empty[] = {
        {.name = "nothing", .count = 4, .x = x, .y = nothing, .low = nothing, .high = x},
        {.name = "", .x = x, .y = x, .spread = bar}};
    draw_lines(&(PlotLines){"x", "y", empty, 2, true, 0, 7, NULL, ""}, "empty.png");
    draw_lines(&(PlotLines){"x", "y", empty + 1, 1, false, 0, 7, NULL, ""}, "empty.svg");
}
END_TEST

START_TEST(test_report_needs_nothing_else) {
    Table table;
    size_t size;
    Error error = {0};
    make_table(&table);
    PlotOptions options = {.path = "report.html", .title = HOSTILE, .command = HOSTILE};
    ck_assert_msg(plot_report(&table, &(CurveOptions){.x = "width"}, &options, &error), "%s",
                  error.text);
    char *data = read_picture("report.html", &size);
    ck_assert_ptr_nonnull(strstr(data, "double descent"));
    ck_assert_ptr_nonnull(strstr(data, "`touch pwned` @x %s &lt;b&gt;&amp;]]&gt;"));
    ck_assert_ptr_nonnull(strstr(data, "id=\"c-gnuplot_canvas\""));
    ck_assert_ptr_nonnull(strstr(data, "id=\"m-gnuplot_canvas\""));
    ck_assert_ptr_null(strstr(data, "<script"));
    ck_assert_ptr_null(strstr(data, "src="));
    ck_assert_ptr_null(strstr(data, "<?xml"));
    for (const char *c = data; (c = strstr(c, "://")); c++) // only names of XML languages
        ck_assert(strncmp(c, "://www.w3.org/", 14) == 0);
    ck_assert_uint_eq(count_files(), 7); // the page; two pictures of three files
    memory_free(data);
    table_free(&table);
}
END_TEST

START_TEST(test_map_refuses_what_has_no_epochs) {
    Table table;
    Error error = {0};
    const char *text = "width,test_error\n2,1\n4,2\n";
    ck_assert(curve_parse_csv("t.csv", text, strlen(text), &table, &error));
    ck_assert(
        !plot_map(&table, &(CurveOptions){.x = "width"}, &(PlotOptions){.path = "m.svg"}, &error));
    ck_assert_ptr_nonnull(strstr(error.text, "t.csv: no column 'epoch'"));
    table_free(&table);
}
END_TEST

START_TEST(test_reads_widths) {
    double inches;
    Error error = {0};
    ck_assert(plot_parse_width("3.25in", "--width", &inches, &error));
    ck_assert_double_eq(inches, 3.25);
    ck_assert(plot_parse_width("83mm", "--width", &inches, &error));
    ck_assert_double_eq_tol(inches, 3.267716535433071, 1e-12);
    ck_assert(plot_parse_width("240pt", "--width", &inches, &error));
    ck_assert_double_eq_tol(inches, 3.3333333333333333, 1e-12);
    static const char *const wrong[] = {"3.25", "in", "", "-3in", "nanin", "1e9in", "3 in", "4em"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        ck_assert(!plot_parse_width(wrong[i], "--width", &inches, &error));
    ck_assert_str_eq(error.text, "--width: '4em' is no width; such as 3.25in, 83mm, 8.3cm or "
                                 "240pt, from 1 to 40 inches");
}
END_TEST

int main(void) {
    Suite *suite = suite_create("plot");
    TCase *group = tcase_create("plot");
    tcase_set_timeout(group, 60);
    tcase_add_checked_fixture(group, enter_folder, leave_folder);
    tcase_add_test(group, test_reads_widths);
    if (system("gnuplot --version > /dev/null 2>&1") == 0) {
        tcase_add_test(group, test_svg_tells_its_origin);
        tcase_add_test(group, test_script_draws_it_again);
        tcase_add_test(group, test_png_chunks_are_sound);
        tcase_add_test(group, test_pdf_points_to_its_note);
        tcase_add_loop_test(group, test_any_name_will_do, 0, sizeof NAMES / sizeof *NAMES);
        tcase_add_test(group, test_leaves_nothing_without_gnuplot);
        tcase_add_loop_test(group, test_draws_odd_curves, 0, sizeof ODD / sizeof *ODD);
        tcase_add_test(group, test_draws_several_curves);
        tcase_add_test(group, test_draws_lines);
        tcase_add_test(group, test_report_needs_nothing_else);
        tcase_add_test(group, test_map_refuses_what_has_no_epochs);
    } else {
        puts("gnuplot is not there: its pictures are not tested");
    }
    suite_add_tcase(suite, group);
    return run_suite(suite);
}
