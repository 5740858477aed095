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
    set = open_text("1,2,last\n3,2,1\n3,4,0\n", ",header=yes");
    ck_assert(set->n_train == 2 && set->y_train[0] == 1);
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

// A label column of words: classes by name, sorted by bytes as NumPy's unique does.
START_TEST(words_are_class_names) {
    const DataSet *set = open_text("w,kind\n1,\"virginica\"\n2,setosa\n3,\"\"\"x\"\", y\"\n"
                                   "4,setosa\n",
                                   "");
    static const int32_t expected[] = {2, 1, 0, 1};
    ck_assert(set->classes == 3 && set->n_train == 4 && set->d == 1);
    ck_assert_str_eq(set->class_name[0], "\"x\", y");
    ck_assert_str_eq(set->class_name[1], "setosa");
    ck_assert_str_eq(set->class_name[2], "virginica");
    ck_assert_mem_eq(set->y_train, expected, sizeof expected);
    data_close(set);
    set = open_text("5.1,3.5,b\n4.9,3.0,a\n", ""); // UCI's files have no header
    ck_assert(set->n_train == 2 && set->classes == 2 && set->y_train[0] == 1);
    data_close(set);
    set = open_text("5.1,True\n4.9,False\n", "");
    ck_assert(set->n_train == 2 && set->y_train[0] == 1 && set->y_train[1] == 0);
    data_close(set);
    refused_text("a,b\n1,x\n2,3\n", "", "t.csv:3:3: a number among labels that are words\n");
    refused_text("a,b\n1,0\n2,3\n4,x\n", "",
                 "t.csv:4:3: not a number, but the labels before it are\n");
    refused_text("a,b\n1,x\n2,\n", "", "t.csv:3:3: a value is missing\n");
    refused_text("a,b\n1,x\n2,NA\n", "", "t.csv:3:3: a value is missing\n");
    refused_text("a,b\n1,x\n2,y\n", ",task=regression", "t.csv:2:3: not a number\n");
    refused_text("a,b\n1,x\n2,y\n", ",classes=2",
                 "csv:file=t.csv,label=last,task=classification,header=auto,standardise=none,"
                 "classes=2,holdout=0,seed=0: labels_from and classes go with labels that are "
                 "numbers");
}
END_TEST

START_TEST(the_first_line_says_what_separates) {
    static const char *const same[] = {"a;b;c\n1.5;2;1\n3;4;0\n",
                                       "\"a\";\"b, b\";c\n1.5;2;1\n3;4;0\n",
                                       "a\tb b\tc\n1.5\t 2\t1\n3\t4\t0\n",
                                       "a b  c\n 1.5   2 1\n3\t4 0  \n",
                                       "1.5;2;1\r\n3;4;0",
                                       "a, b, c\n1.5, 2, 1\n3, 4, 0\n"};
    for (size_t i = 0; i < sizeof same / sizeof *same; i++) {
        const DataSet *set = open_text(same[i], "");
        ck_assert(set->n_train == 2 && set->d == 2 && set->classes == 2);
        ck_assert(set->x_train[0] == 1.5F && set->x_train[3] == 4 && set->y_train[0] == 1);
        data_close(set);
    }
    const DataSet *set = open_text("0,25;1,5;1\n2;3;0\n", ",separator=semicolon,decimal=comma");
    ck_assert(set->x_train[0] == 0.25F && set->x_train[1] == 1.5F);
    data_close(set);
    set = open_text("a;b\n0,25;1\n2e-1;0\n", ",decimal=comma");
    ck_assert(set->x_train[0] == 0.25F && set->x_train[1] == 0.2F);
    data_close(set);
    refused_text("0,25;1,5;1\n2;3;0\n", "",
                 "t.csv:1:5: the first line has commas and semicolons; separator=comma or "
                 "separator=semicolon says which of them stand between columns (and "
                 "decimal=comma, that a comma is a decimal point)\n");
    refused_text("a;b\n0,25;1\n", "",
                 "t.csv:2:1: not a number; decimal=comma takes a comma for the decimal point\n");
    refused_text("a;b\n0.25;1\n", ",decimal=comma",
                 "t.csv:2:1: not a number; with decimal=comma it has no point\n");
    refused_text("a,b\n\"1,234\",1\n", "",
                 "t.csv:2:2: not a number; decimal=comma takes a comma for the decimal point\n");
    refused_text("a\tb\n\"4\"5\t1\n", "",
                 "t.csv:2:4: a tab or the end of the line is expected after a quoted value\n");
    refused_text("word\n1\n", "",
                 "t.csv:1:1: one column; features and a label are expected, between them commas, "
                 "semicolons, tabs or blanks\n");
}
END_TEST

START_TEST(a_first_column_without_a_name_is_an_index) {
    static const char *const same[] = {",a,y\n0,5,1\n1,6,0\n",
                                       "\"\",\"a\",\"y\"\n\"1\",5,1\n\"r\",6,0\n",
                                       "Unnamed: 0,a,y\n0,5,1\n1,6,0\n"};
    for (size_t i = 0; i < sizeof same / sizeof *same; i++) {
        const DataSet *set = open_text(same[i], "");
        ck_assert(set->d == 1 && set->n_train == 2 && set->x_train[0] == 5 && set->x_train[1] == 6);
        ck_assert_str_eq(set->note, "the first column has no name: it is an index and left out");
        data_close(set);
    }
    refused_text("a,,y\n0,5,1\n", "",
                 "t.csv:1:3: column 2 has no name; only the first may have none, which makes it an "
                 "index\n");
    refused_text(",a,y\n0,5,1\n", ",label=1",
                 "t.csv:1:1: column 1 has no name, it is an index; label=\"1\"\n");
    refused_text(",y\n0,1\n", "", "t.csv:1:1: a label, but no features\n");
}
END_TEST

START_TEST(labels_may_begin_elsewhere) {
    const DataSet *set = open_text("5,1\n6,3\n7,2\n", ",labels_from=1");
    ck_assert(set->classes == 3 && set->y_train[0] == 0 && set->y_train[1] == 2);
    ck_assert_str_eq(set->class_name[2], "3");
    data_close(set);
    set = open_text("5,0\n6,3\n", ",classes=7"); // classes without examples are meant
    ck_assert(set->classes == 7);
    data_close(set);
    refused_text("a,y\n5,2\n6,1\n7,3\n", "",
                 "t.csv:3:3: labels are 1 to 3 and count from 0 here; class 0 has no example: "
                 "labels_from=1 makes classes 0 to 2 of them (classes=4 if classes without "
                 "examples are meant)\n    6,1\n      ^");
    refused_text("5,0\n6,1\n7,4\n", "",
                 "t.csv:3:3: labels are 0 to 4, but no example has label 2; number them without a "
                 "gap (classes=5 if classes without examples are meant)\n");
    refused_text("5,2\n6,4\n", "",
                 "t.csv:1:3: labels are 2 to 4, but no example has label 0; number them without a "
                 "gap (classes=5 if classes without examples are meant)\n");
    refused_text("5,2\n6,2\n", "", "t.csv:1:3: labels are all 2 and count from 0 here;");
    refused_text("5,1\n6,-1\n", "",
                 "t.csv:2:3: label -1 is negative, but labels count from 0; of -1 and 1, "
                 "(label + 1) / 2 makes 0 and 1\n");
    refused_text("5,1\n6,0\n", ",labels_from=1", "t.csv:2:3: label 0 is below labels_from\n");
    refused_text("5,-1\n6,1\n", ",labels_from=-1",
                 "t.csv:2:3: labels are -1 to 1, but no example has label 0; number them");
}
END_TEST

START_TEST(a_second_file_may_be_the_test_set) {
    help_write_text("test.csv", "y,a\n1,8\n0,9\n");
    const DataSet *set = open_text("y,a\n0,5\n1,6\n1,7\n", ",label=y,test=test.csv");
    ck_assert(set->n_train == 3 && set->n_test == 2 && set->x_test[1] == 9 && set->y_test[0] == 1);
    data_close(set);
    set = open_text("y,a\n0.5,5\n1.5,6\n", ",label=y,test=test.csv,task=regression");
    ck_assert(set->n_test == 2 && set->t_test[0] == 1);
    data_close(set);
    refused_text("y,b\n0,5\n1,6\n", ",label=y,test=test.csv",
                 "test.csv:1:3: column \"a\", which is \"b\" in the training file\n");
    refused_text("y,a,b\n0,5,1\n1,6,1\n", ",label=y,test=test.csv",
                 "test.csv:1:3: 2 columns, 3 in the training file\n");
    refused_text("y,a\n0,5\n0,6\n", ",label=y,test=test.csv",
                 "test.csv:2:1: label 1 is beyond the last class\n");
    refused_text("y,a\nx,5\nz,6\n", ",label=y,test=test.csv",
                 "test.csv:2:1: labels are words in one file and numbers in the other\n");
    help_write_text("test.csv", "y,a\nw,8\n");
    refused_text("y,a\nx,5\nz,6\n", ",label=y,test=test.csv",
                 "test.csv:2:1: a class without training examples\n");
    refused_text("y,a\nx,5\nz,6\n", ",label=y,test=test.csv,holdout=0.5", "csv:file=t.csv");
}
END_TEST

START_TEST(files_of_other_kinds_are_named) {
    help_write("t.csv",
               "\xFF\xFE"
               "1\0,\0",
               6);
    help_refused("csv:file=t.csv", "t.csv: text in UTF-16; save it as UTF-8");
    help_write("t.csv", "\x1f\x8b\x08", 3);
    help_refused("csv:file=t.csv", "t.csv: a gzip file; gunzip unpacks it");
    help_write("t.csv", "PK\x03\x04", 4);
    help_refused("csv:file=t.csv",
                 "t.csv: a zip file, as a spreadsheet (.xlsx) is; save it as CSV");
    help_write("t.csv", "1,\0", 3);
    help_refused("csv:file=t.csv", "t.csv: offset 2: byte 0x00; this is no text");
    refused_text("a,y,a\n1,0,2\n", ",label=a",
                 "t.csv:1:5: columns 1 and 3 are called \"a\"; give a number\n");
    refused_text("1,0\n1e400,1\n", "", "t.csv:2:1: not a number\n");
    refused_text("1,0\n0x10,1\n", "", "t.csv:2:1: not a number\n");
    refused_text("1,0\nNA,1\n", "", "t.csv:2:1: a value is missing\n");
    refused_text("a,y\nr,1,0\n", "",
                 "t.csv:2:5: 3 columns here, 2 in the first line (R's write.table leaves out the "
                 "name of the row names: write.csv with row.names=FALSE)\n");
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
    tcase_add_test(tests, words_are_class_names);
    tcase_add_test(tests, the_first_line_says_what_separates);
    tcase_add_test(tests, a_first_column_without_a_name_is_an_index);
    tcase_add_test(tests, labels_may_begin_elsewhere);
    tcase_add_test(tests, a_second_file_may_be_the_test_set);
    tcase_add_test(tests, files_of_other_kinds_are_named);
    tcase_add_test(tests, cut_files_do_no_harm);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
