// Private: what an experiment stands on: the student, the points with their labels, the teacher.
#pragma once

#include "data/data.h"
#include "guess/guess.h"

extern const TaskOptions world_options;

typedef struct World World;

// A kind of data: one file and one line of the table in world.c.
typedef struct WorldKind {
    const char *name;           // "cube": data = cube:REST; NULL: any other data
    const char *const *refused; // options that mean nothing here; ends in NULL
    // Test points and their labels, everything that does not depend on sample_seed.
    bool (*open)(World *world, const char *rest, Error *error);
    // The sample, into world->points and world->drawn.
    bool (*draw)(World *world, uint64_t seed, Error *error);
} WorldKind;
extern const WorldKind world_cube, world_normal, world_set;

struct World {
    const Settings *given; // for the places of errors; not owned
    const WorldKind *kind;
    GuessOptions options;
    NetProgram *program;
    Net *net;
    GuessModel model;
    GuessPoints points; // the sample, every point once; then, where complete, the rest of the world
    size_t drawn;       // N: the sample as drawn, repetitions counted
    size_t tests;       // points that the error of an interpolator is measured at
    float *test_x;      // (tests, d)
    int8_t *test_y;     // (tests)
    bool complete;      // the test points are the whole world, all equally probable
    const char *not_drawn; // why the sample is no random draw; NULL: it is
    size_t population; // it was drawn from so many points without replacement; 0: with, or new ones
    bool labelled;     // false: a cube without labels, for an exact count of functions
    uint32_t *place;   // complete: (points.all) the number of each point in the cube
    size_t hidden;     // hidden layers
    int64_t teacher[16]; // their widths in the teacher; teacher[0] == 0: none is known
    float *teacher_w;    // of a teacher that was asked for labels, else NULL
    size_t teacher_weights;
    bool teacher_off;  // its weights are not all among the levels
    bool teacher_zero; // it gave 0 at a test point, which says neither; of the sample: sample_zero
    bool sample_zero;
    const DataSet *set;
    int32_t class[2]; // of a data set, those that say -1 and +1
    uint32_t *row;    // of a data set, (rows) the training examples of these classes
    size_t rows;
    uint8_t *chosen; // of a cube, (tests) whether a point is in the set `points`
};

// Reads the settings and makes the student and its points. Errors begin with the setting's place.
bool world_open(const Settings *given, World *world, Error *error);
void world_close(World *world);

// Draws the sample again, with another sample_seed; the teacher stays.
bool world_redraw(World *world, int64_t sample_seed, Error *error);

const char *world_place(const World *world, const char *setting);

// ---- for the kinds ----

bool world_new_tests(World *world, size_t tests, Error *error); // allocates test_x and test_y
bool world_new_points(World *world, size_t n, size_t all, Error *error);

// Does the network take d inputs? what: "cube:3"
bool world_check_inputs(const World *world, size_t d, const char *what, Error *error);

// ---- the teacher ----

// The widths that the options name, into world->teacher.
bool teacher_read(World *world, Error *error);

// Its answers at count points x (count, d): y (count), +1 or -1 (0 says -1 unless the convention
// says +1).
bool teacher_open(World *world, size_t count, const float *x, Error *error);
// *gave_zero: it was 0 somewhere.
bool teacher_label(const World *world, size_t count, const float *x, int8_t *y, bool *gave_zero,
                   Error *error);

// Why no student computes what this teacher does, so that bounds cannot use it; NULL: they can.
const char *teacher_unusable(const World *world);
