#include "plot/plot.h"
#include <string.h>

static const struct {
    const char *name;
    double inches;
} UNITS[] = {{"in", 1}, {"cm", 1 / 2.54}, {"mm", 1 / 25.4}, {"pt", 1 / 72.0}};

bool plot_parse_width(const char *text, const char *place, double *inches, Error *error) {
    size_t length = strlen(text);
    for (size_t i = 0; length > 2 && i < sizeof UNITS / sizeof *UNITS; i++) {
        if (strcmp(text + length - 2, UNITS[i].name) != 0) continue;
        Text number = {0};
        double value;
        text_add_bytes(&number, text, length - 2);
        bool read = text_to_real(number.data, &value);
        text_free(&number);
        if (!read || !(value * UNITS[i].inches >= 1 && value * UNITS[i].inches <= 40)) break;
        *inches = value * UNITS[i].inches;
        return true;
    }
    return error_set(error,
                     "%s: \"%s\"; it takes 1 to 40 inches, such as 3.25in, 8.3cm, 83mm or 240pt",
                     place, text);
}
