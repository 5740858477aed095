// The CSV reader: what it takes, and the exact words of every refusal.
#include "curve/curve.h"
#include "run_suite.h"
#include <math.h>
#include <string.h>

static bool parse(const char *text, Table *table, Error *error) {
    return curve_parse_csv("t.csv", text, strlen(text), table, error);
}

START_TEST(test_reads_quotes_and_line_ends) {
    Table table;
    Error error = {0};
    const char *text = "\xEF\xBB\xBFwidth,\"a, b\",seed\r\n2,\"say \"\"no\"\"\n\",1\r\n4.5e1,,x";
    ck_assert_msg(parse(text, &table, &error), "%s", error.text);
    ck_assert_uint_eq(table.columns, 3);
    ck_assert_str_eq(table.column[0].name, "width");
    ck_assert_str_eq(table.column[1].name, "a, b");
    ck_assert_uint_eq(table.rows, 2);
    ck_assert_str_eq(table.row[0]->cell[1].text, "say \"no\"\n");
    ck_assert_double_eq(table.row[1]->cell[0].number, 45);
    ck_assert_str_eq(table.row[1]->cell[1].text, "");
    ck_assert(!table.row[1]->cell[2].numeric && isnan(table.row[1]->cell[2].number));
    ck_assert_uint_eq(table.row[0]->line, 2);
    ck_assert_uint_eq(table.row[1]->line, 4); // the quoted line end counts
    table_free(&table);
}
END_TEST

START_TEST(test_gives_columns_their_roles) {
    Table table;
    Error error = {0};
    ck_assert(parse("width,init_seed,test_error,lr,epoch,accuracy\n", &table, &error));
    const ColumnRole expected[] = {COLUMN_SETTING, COLUMN_SEED,  COLUMN_METRIC,
                                   COLUMN_SETTING, COLUMN_EPOCH, COLUMN_METRIC};
    for (size_t i = 0; i < 6; i++) ck_assert_int_eq(table.column[i].role, expected[i]);
    table_free(&table);
}
END_TEST

START_TEST(test_leaves_an_index_out) {
    Table table;
    Error error = {0};
    ck_assert_msg(parse(",width,test_error\n0,2,0.5\n\"1\",\"4\",0.25\n", &table, &error), "%s",
                  error.text);
    ck_assert(table.has_index);
    ck_assert_uint_eq(table.columns, 2);
    ck_assert_str_eq(table.column[0].name, "width");
    ck_assert_double_eq(table.row[1]->cell[0].number, 4);
    ck_assert_uint_eq(table.row[0]->cell[1].column, 5);
    ck_assert_uint_eq(table.row[1]->cell[1].column, 9);
    table_free(&table);
    ck_assert(parse("a,b\n1,2\n", &table, &error));
    ck_assert(!table.has_index);
    table_free(&table);
    ck_assert(!parse(",a\n0\n", &table, &error));
    ck_assert_ptr_nonnull(strstr(error.text, "t.csv:2:2: the line ends after 1 fields; the header "
                                             "names 2 columns, next is a"));
}
END_TEST

static const struct {
    const char *text, *message; // the first line of it
} REFUSED[] = {
    {"", "t.csv:1:1: empty; the first line names the columns"},
    {"a,b\n1,2,3\n", "t.csv:2:5: field 3, but the header names 2 columns"},
    {"a,b\n1\n", "t.csv:2:2: the line ends after 1 fields; the header names 2 columns, next is b"},
    {"a,b\n1,2\n\n3,4\n", "t.csv:3:1: an empty line"},
    {"a,b\n1,x\"y\n", "t.csv:2:4: a quote inside a bare field; quote the whole field"},
    {"a,b\n1,\"xy\n", "t.csv:2:3: this quote is never closed"},
    {"a,b\n1,\"x\"y\n", "t.csv:2:6: after a closing quote comes a comma or the line's end"},
    {"a,b\n1,2\r3\n", "t.csv:2:4: a carriage return inside a line"},
    {"a,a\n", "t.csv:1:3: two columns are named 'a'"},
    {"a,,b\n", "t.csv:1:3: column 2 has no name"},
    {"a,b,\n", "t.csv:1:5: column 3 has no name"},
    {",a,\n", "t.csv:1:4: column 2 has no name"}, // after the index
    {"\"\"\n", "t.csv:1:1: column 1 has no name"},
    {"\n1\n", "t.csv:1:1: an empty line"},
};

START_TEST(test_refuses_with_the_place) {
    Table table;
    Error error = {0};
    ck_assert(!parse(REFUSED[_i].text, &table, &error));
    error.text[strcspn(error.text, "\n")] = 0;
    ck_assert_str_eq(error.text, REFUSED[_i].message);
}
END_TEST

START_TEST(test_refuses_a_nul) {
    Table table;
    Error error = {0};
    ck_assert(!curve_parse_csv("t.csv", "a\n1\0", 4, &table, &error));
    ck_assert_ptr_nonnull(strstr(error.text, "t.csv:2:2: a NUL byte; this is not text"));
}
END_TEST

START_TEST(test_names_a_file_that_is_not_there) {
    Table table;
    Error error = {0};
    ck_assert(!curve_read_csv("no/such.csv", &table, &error));
    ck_assert_str_eq(error.text, "no/such.csv: cannot open: No such file or directory");
}
END_TEST

START_TEST(test_orders_cells) {
    const TableCell a = {"0.1", 0.1, true, 0}, b = {"1e-1", 0.1, true, 0};
    const TableCell word = {"adam", NAN, false, 0};
    ck_assert_int_eq(table_compare(&a, &b), 0);
    ck_assert_int_lt(table_compare(&a, &word), 0);
    ck_assert_int_gt(table_compare(&word, &b), 0);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("csv");
    TCase *group = tcase_create("csv");
    tcase_add_test(group, test_reads_quotes_and_line_ends);
    tcase_add_test(group, test_leaves_an_index_out);
    tcase_add_test(group, test_gives_columns_their_roles);
    tcase_add_loop_test(group, test_refuses_with_the_place, 0, sizeof REFUSED / sizeof *REFUSED);
    tcase_add_test(group, test_refuses_a_nul);
    tcase_add_test(group, test_names_a_file_that_is_not_there);
    tcase_add_test(group, test_orders_cells);
    suite_add_tcase(suite, group);
    return run_suite(suite);
}
