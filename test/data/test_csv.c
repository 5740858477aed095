#include "help.h"

static const DataSet *open_text(const char *text, const char *options) {
    char spec[256];
    help_write_text("t.csv", text);
    snprintf(spec, sizeof spec, "csv:file=t.csv%s", options);
    return help_open(spec);
}

static void refused_text(const char *text, const char *options, const char *beginning) {
    char spec[256];
    help_write_text("t.csv", text);
    snprintf(spec, sizeof spec, "csv:file=t.csv%s", options);
    help_refused(spec, beginning);
}

START_TEST(the_last_column_is_the_label) {
    const DataSet *set = open_text("1.5,2,1\n-3e2,.25,0\n7,8,2", "");
    ck_assert(set->n_train == 3 && set->d == 2 && set->classes == 3 && set->n_test == 0);
    ck_assert(set->rank == 1 && set->size[0] == 2);
    ck_assert(set->x_train[0] == 1.5F && set->x_train[2] == -300 && set->x_train[3] == 0.25F);
    ck_assert(set->y_train[0] == 1 && set->y_train[2] == 2);
    data_close(set);
}
END_TEST

START_TEST(standardising_needs_no_test_set) {
    const DataSet *set = open_text("1,5,0\n3,5,1\n", ",standardise=feature");
    ck_assert(set->x_train[0] == -1 && set->x_train[1] == 0 && set->x_train[2] == 1);
    data_close(set);
}
END_TEST

START_TEST(headers_name_columns) {
    const char *text = "\xEF\xBB\xBF\"class, \"\"true\"\"\",height , \"width\"\r\n\r\n1,2.5,3\r\n"
                       "0,\"4\",5\r\n";
    const DataSet *set = open_text(text, ",label=class\\, \"true\"");
    ck_assert(set->n_train == 2 && set->y_train[0] == 1 && set->x_train[0] == 2.5F);
    data_close(set);
    set = open_text(text, ",label=1");
    ck_assert(set->y_train[0] == 1 && set->x_train[3] == 5);
    data_close(set);
    set = open_text(text, ",label=height,task=regression");
    ck_assert(set->classes == 0 && set->outputs == 1 && set->t_train[0] == 2.5F);
    data_close(set);
    set = open_text("1,2,last\n3,0,1\n", ",header=yes");
    ck_assert(set->n_train == 1 && set->y_train[0] == 1);
    data_close(set);
}
END_TEST

START_TEST(errors_show_line_and_column) {
    refused_text("1,2,0\n3,x4,1\n", "", "t.csv:2:3: not a number\n    3,x4,1\n      ^~");
    refused_text("1,2,0\n3,,1\n", "", "t.csv:2:3: a value is missing");
    refused_text("1,2,0\n3,nan,1\n", "", "t.csv:2:3: nan and inf are not data");
    refused_text("1,2,0\n3,1e60,1\n", "", "t.csv:2:3: does not fit a float");
    refused_text("1,2,0\n3,4\n", "", "t.csv:2:3: 2 columns here, 3 in the first line");
    refused_text("1,2,0\n3,4,1,\n", "", "t.csv:2:7: 4 columns here");
    refused_text("1,2,0\n3,4,1.5\n", "", "t.csv:2:5: label 1.5 is not whole");
    refused_text("1,2,0\n3,4,-1\n", "", "t.csv:2:5: label -1 is negative");
    refused_text("1,2,0\n3,4,9\n", ",classes=9", "t.csv:2:5: label 9 is beyond the last class");
    refused_text("1,2,0\n3,\"4,1\n", "", "t.csv:2:3: this quote is not closed");
    refused_text("1,2,0\n3,\"4\"5,1\n", "", "t.csv:2:6: a comma or the end of the line");
    refused_text("1,2,x\n3,4,1\n", "", "t.csv:1:5: the first line is part numbers, part words");
    refused_text("a,b\n", "", "t.csv:2:1: no examples follow the header");
    refused_text("\n\n", "", "t.csv:1:1: the file has no lines");
    refused_text("1\n2\n", "", "t.csv:1:1: one column");
    refused_text("a,b\n1,0\n", ",label=c",
                 "t.csv:1:1: no column \"c\"; label takes last, 1 to 2, "
                 "a, b");
    refused_text("1,0\n1,0\n", ",label=3", "t.csv:1:1: no column \"3\"");
    refused_text("1,0\n1,0\n", ",holdout=0.9", "csv:file=t.csv,");
}
END_TEST

// Cut anywhere: an error in this file, or what a reader of so many bytes would see.
START_TEST(cut_files_do_no_harm) {
    const char *text = "a,\"b\",label\n1,2.5,0\n3,\"4\",1\n";
    for (size_t i = 0; i <= strlen(text); i++) {
        help_write("t.csv", text, i);
        Error error;
        const DataSet *set = data_open("csv:file=t.csv", &error);
        if (set)
            ck_assert(set->d == 2 && set->n_train == 1 + (i >= 27));
        else
            ck_assert(text_starts(error.text, "t.csv:"));
        data_close(set);
    }
}
END_TEST

int main(void) {
    Suite *suite = suite_create("data/csv");
    TCase *tests = tcase_create("all");
    tcase_add_checked_fixture(tests, help_enter, help_leave);
    tcase_add_test(tests, the_last_column_is_the_label);
    tcase_add_test(tests, standardising_needs_no_test_set);
    tcase_add_test(tests, headers_name_columns);
    tcase_add_test(tests, errors_show_line_and_column);
    tcase_add_test(tests, cut_files_do_no_harm);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
