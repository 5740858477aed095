// The CSV reader on any bytes, and curves built and described from whatever it takes.
#include "curve/curve.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    Table table;
    CurveSet set;
    Error error = {0};
    if (!curve_parse_csv("fuzz.csv", (const char *)data, size, &table, &error)) return 0;
    for (size_t i = 0; i < table.rows; i++) REQUIRE(table.row[i]->line >= 2);
    const char *x = table.column[0].name, *y = table.column[table.columns - 1].name;
    if (curve_build(&table, &(CurveOptions){.x = x, .y = y}, &set, &error)) {
        Text text = {0};
        if (set.curve[0].points <= 8) curve_judge(&set); // slow beyond
        curve_json(&set, &text);
        curve_describe(&set, &text);
        text_free(&text);
        curve_free(&set);
    }
    table_free(&table);
    return 0;
}
