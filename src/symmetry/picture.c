// The pattern of shared weights as a picture: one colour an orbit.
#include "symmetry/inner.h"
#include <math.h>

enum { SIDE = 512 }; // pixels of a small pattern, about

typedef struct Picture {
    const SymmetryPattern *pattern;
    size_t block; // pixels of a place, on each side
} Picture;

// Hues a golden section apart, in turns light and dark: any few that follow each other differ.
static void colour_of(uint32_t label, uint8_t rgb[3]) {
    static const double SECTION = 0.6180339887498949, LIGHT[] = {0.95, 0.6, 0.78}, GREY = 0.35;
    double hue = fmod(0.58 + SECTION * label, 1), light = LIGHT[label % 3];
    for (int i = 0; i < 3; i++) {
        double x = fmod(hue * 6 + (i == 0 ? 0 : i == 1 ? 4 : 2), 6); // 0 .. 6 round the wheel
        double part = fmin(fmax(fabs(x - 3) - 1, 0), 1);
        rgb[i] = (uint8_t)lround(255 * light * (GREY + (1 - GREY) * part));
    }
}

static void draw_row(const void *context, size_t row, uint8_t *rgb) {
    const Picture *picture = context;
    for (size_t j = 0; j < picture->pattern->cols; j++) {
        uint8_t colour[3];
        colour_of(symmetry_label(picture->pattern, row / picture->block, j), colour);
        for (size_t k = 0; k < picture->block; k++)
            for (int c = 0; c < 3; c++) *rgb++ = colour[c];
    }
}

bool symmetry_draw(const SymmetryPattern *pattern, const char *path, Error *error) {
    size_t longer = pattern->rows > pattern->cols ? pattern->rows : pattern->cols;
    Picture picture = {pattern, longer < SIDE ? SIDE / longer : 1};
    return data_write_png(path, pattern->cols * picture.block, pattern->rows * picture.block,
                          draw_row, &picture, error);
}
