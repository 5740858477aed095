// The door of sweep/: grid -> queue -> runs -> store. It knows no science, only tasks.
//
// Invariants of the store (SQLite):
//   1. A cell is named by the hash of its task, ALL its resolved settings, the data's hash and the
//      numerics version. Two experiments that share a cell share its run.
//   2. Records and checkpoint of a cell are written in one transaction: after any crash the records
//      are exactly those up to the checkpoint, or they go on past it and are cut back on resuming.
//   3. A cell is run by at most one process at a time: it is claimed with a lease that is renewed
//      while it runs and may be taken over when it has expired.
//   4. Every run and every checkpoint has a checksum, set in the transaction that changes it and
//      checked by every reader: what is damaged is an error or begins anew, never another number.
#pragma once

#include "base/base.h"

// What a task knows about a cell before it runs.
typedef struct TaskFacts {
    double parameters; // of the model
    double flops;      // of the whole run
    double bytes;      // of memory while it runs
    char *model;       // canonical; part of the key. Owned (memory_free)
    Hash data;         // hash of the data that it will see
    int64_t horizon;   // epochs asked for; of a task without a horizon 1
    bool prefix;       // a shorter run of the same settings is a prefix of this one, bit for bit
    int64_t examples;  // N: training examples
    int64_t classes;   // 0: regression
    char *note;        // lines that a person should read before it runs, or NULL. Owned
} TaskFacts;

typedef enum RunOutcome { RUN_DONE, RUN_DIVERGED, RUN_INTERRUPTED } RunOutcome;

// The sweep's side of a running cell, handed to the task.
typedef struct TaskRun {
    void *sweep; // the sweep's own
    // State to go on from (NULL: from the start); valid during run().
    const void *state;
    size_t state_size;
    const char *store; // where that state was kept, for errors
    int threads;       // that the task may use, 1 or more; its results do not depend on them
    // One row of results: values in the order of task->metrics; nan: not measured. on_grid: a
    // longer run of the same settings would have recorded this epoch, too. A longer run that goes
    // on from this one takes over the rows on the grid and drops the others.
    bool (*record)(struct TaskRun *run, int64_t epoch, bool on_grid, const double *values,
                   Error *error);
    // Makes everything recorded so far durable together with a state to go on from. The task calls
    // it when checkpoint_due() says so, when it stops early, and at its end. A state saved by a run
    // that met its own stop rule must resume to RUN_DONE at once, whatever the horizon.
    bool (*checkpoint)(struct TaskRun *run, int64_t epoch, const void *state, size_t size,
                       Error *error);
    bool (*checkpoint_due)(struct TaskRun *run);
    bool (*stop)(struct TaskRun *run);                  // true: save and return RUN_INTERRUPTED
    void (*progress)(struct TaskRun *run, double done); // fraction of the run's FLOPs, 0 to 1
} TaskRun;

typedef struct Task {
    const char *name; // "train"
    // Names the arithmetic; changes whenever the same settings give other bits.
    const char *(*numerics)(void);
    const char *const *metrics; // columns of a record; ends in NULL
    const char *horizon;        // the setting that a longer run enlarges: "epochs"; NULL: there is
                                // none, facts.prefix is false, and a run has one record, at epoch 1
    const Option *options;      // its settings; ends in name == NULL. May be NULL
    // Turns what the user wrote into all settings, defaults included, canonical, with the model's
    // variables last; fills facts. An error begins with the setting's place.
    bool (*resolve)(const Settings *given, Settings *resolved, TaskFacts *facts, Error *error);
    // Runs a cell of resolved settings. False only for errors (the reason is kept with the cell).
    bool (*run)(const Settings *resolved, TaskRun *run, RunOutcome *outcome, Error *error);
    // The speed of a cell on this machine, in FLOP/s of one job, from a trial that takes a moment;
    // nan when the cell cannot be opened. May be NULL.
    double (*measure_rate)(const Settings *resolved);
    bool doubles; // it opens its data by data_open_double
} Task;

// ---- for tasks: settings by an option table ----

typedef struct TaskOptions {
    const char *task;         // the place of what nobody wrote
    const Option *table;      // ends in name == NULL
    const char *const *seeds; // what the setting `seed` stands for where these are not given;
                              // ends in NULL
} TaskOptions;

// Fills *values: defaults, then every setting that the table has, then `seed`. Settings that it
// does not have (task_knows) are the caller's, who refuses them with task_unknown: "PLACE: unknown
// setting "x", did you mean "y"; OTHERS".
bool task_read(const TaskOptions *options, const Settings *given, void *values, Error *error);
bool task_knows(const TaskOptions *options, const char *name); // `seed` included
bool task_unknown(const TaskOptions *options, const Setting *setting, const char *others,
                  Error *error);
void task_list(const TaskOptions *options, Text *text); // "task ridge has: data, ..., seed"
const char *task_place(const TaskOptions *options, const Setting *setting); // NULL is allowed

// Every option, canonical, into *resolved.
void task_print(const TaskOptions *options, const void *values, Settings *resolved);
void task_free(const TaskOptions *options, void *values);

// ---- experiment files ----
//
//     name: mnist1d                        # name, description: for people
//     task: train                          # the default; ridge: random features
//     model: mlp                           # any setting of the task: one fixed value
//     epochs: 200
//     seeds: 3                             # a grid over the setting `seed`: 0, 1, 2
//     parameters:                          # the grid, in the order written; the last varies
//     fastest
//       width: geomspace(2, 300, 20)
//       noise: [0, 0.15]
//       lr: {values: [0.1, 0.01]}          # as in W&B sweeps, which also know {value: 0.1}
//
// A value is a scalar, a list, or one of
//     range(first, end[, step])     first, first + step, ... short of end, as in Python
//     linspace(first, last, n)      n values, equal steps, both ends taken
//     geomspace(first, last, n)     n values, equal ratios, both ends taken; when both ends are
//                                   written as integers: the distinct truncated integers
//     logspace(a, b, n)             geomspace from 10^a to 10^b, never truncated
// '-' and '_' in names are the same. `method: grid` is accepted for W&B's sake. Anchors, aliases,
// tags, duplicate keys and a second document are refused.

typedef struct SweepValue {
    const char *text, *place; // "a.yaml:12:8", or the place of an override
} SweepValue;

typedef struct SweepAxis { // one dimension of the grid
    const char *name;
    SweepValue *value; // (count)
    size_t count, capacity;
} SweepAxis;

typedef struct Sweep {
    const char *path, *source; // of the file; source has length bytes
    size_t length;
    const char *name, *description; // name: the file's own where not given
    bool named;                     // one of the two was given
    SweepValue task;                // "train" where not given
    Settings fixed;
    SweepAxis *axis; // (axes)
    size_t axes, axis_capacity;
    Arena arena; // owns the texts
} Sweep;

// Reads a list of numbers as experiment files write them, such as 0.5,1,geomspace(10,1000,7), into
// *value (*count; memory_free). Errors begin with name:1:COLUMN and show the text.
bool sweep_numbers(const char *name, const char *text, double **value, size_t *count, Error *error);

// Reads an experiment file (at most 1 MB). Each override replaces a fixed value or a whole grid
// dimension of that name, or adds one: width=[2,4], epochs=50, width=geomspace(2,300,5), seeds=5.
// overrides may be NULL. Errors: "file:line:column: ..." with line and caret.
bool sweep_read(const char *path, const Settings *overrides, Sweep **sweep, Error *error);

// The same from a text; name is what errors call it.
bool sweep_parse(const char *name, const char *text, size_t length, const Settings *overrides,
                 Sweep **sweep, Error *error);
void sweep_free(Sweep *sweep);

// The task that the experiment names, of a list that ends in NULL; NULL with an error, which shows
// the line and a caret.
const Task *sweep_task(const Sweep *sweep, const Task *const *tasks, Error *error);

// ---- the grid ----

typedef struct SweepCell {
    Settings settings; // resolved
    TaskFacts facts;
    char key[33];  // hash of task, numerics, model, data and all settings
    char stem[33]; // the same without the horizon, where facts.prefix; else the key
    char *name;    // what tells it from the others: "width=2 seed=0"; "" where nothing varies
    size_t round;  // coarse to fine: 0 is run first
} SweepCell;

typedef struct SweepGrid {
    SweepCell *cell; // (cells) in the order of the file, equal cells merged
    size_t cells;
    size_t combinations; // before merging
    size_t *order;       // (cells) the order of running
} SweepGrid;

// The cartesian product, each cell resolved by the task. Running order: the first seed first; for
// each, the ends and the middle of every numeric dimension, then the middles of what is left, and
// so on; within a round the longest first by FLOPs. (sweep_run begins a cell out of turn when it is
// more than one job's share of what is left, so that it does not run alone at the end.) Errors of
// task->resolve gain line and caret. At most 1e6 combinations.
bool sweep_grid(const Sweep *sweep, const Task *task, SweepGrid *grid, Error *error);
void sweep_grid_free(SweepGrid *grid);

// ---- running ----

typedef enum CellState {
    CELL_TODO, // perhaps with a checkpoint to go on from
    CELL_RUNNING,
    CELL_DONE,
    CELL_DIVERGED,
    CELL_FAILED, // with a reason; tried again by the next sweep_run
} CellState;
extern const char *const sweep_states[]; // their names; ends in NULL

typedef struct SweepProgress {
    size_t cells, done, failed, diverged;
    size_t running;     // by this process, at this moment
    size_t elsewhere;   // held by other processes; we wait for them
    double fraction;    // of all FLOPs, half-done runs counted; 1 only when all is settled
    double rate_flops;  // FLOP/s of all jobs of this process together, nan: unknown
    double eta_seconds; // until this process has nothing more to run; nan: unknown
    double seconds;     // since the start of sweep_run
    // Of the first of those elsewhere: who holds it, such as "process 17 on node3", and for how
    // many seconds more if he does not renew his lease.
    char holder[128];
    double holder_seconds;
} SweepProgress;

typedef struct SweepOptions {
    int jobs;                  // threads, one cell each; 0: system_processors()
    int threads;               // inside each run; 0: 1
    double checkpoint_seconds; // between checkpoints of a run; 0: 15
    const char *command;       // kept in the store; may be NULL
    // Called from the thread that called sweep_run, about five times a second. May be NULL.
    void (*progress)(void *user, const SweepProgress *progress);
    bool (*stop)(void *user); // polled; true: save everything and return. May be NULL
    // Lines, ending in \n, that a person should know: each note of a cell (TaskFacts) once, before
    // anything runs; that a run was damaged in the store and begins anew. Called from the same
    // thread as progress. May be NULL.
    void (*say)(void *user, const char *line);
    void *user;
} SweepOptions;

typedef struct SweepReport {
    size_t cells, done, failed, diverged;
    size_t reused;    // of these, settled before this call began
    bool interrupted; // some cells are left to do
    double seconds;
    char reason[512]; // of the first failure by grid order, with its settings; "" when none
} SweepReport;

// Runs every cell of the grid that the store does not hold yet; cells that another process runs
// are waited for (and taken over when it died). A cell whose stem the store holds goes on from the
// furthest checkpoint of a run with another horizon. Failed and diverged cells do not stop the
// sweep; they are counted in *report, which is filled as far as the sweep came. False:
// ERROR_INTERRUPTED after stop, or an error of the store, which begins with its path. What was
// settled stays settled. When the store is moved, deleted or replaced meanwhile, that is an error,
// which says where what was computed lies. Before it says that all is well, the store is opened
// anew and asked whether it holds what was settled.
bool sweep_run(const Sweep *sweep, const Task *task, const char *store, const SweepOptions *options,
               SweepReport *report, Error *error);

// ---- looking before running ----

typedef struct SweepItem {
    CellState state;
    double fraction; // done already
    double seconds;  // expected for the rest, on one job; nan: no rate known
    char *reason;    // of a failure, or NULL
} SweepItem;

typedef struct SweepList {
    SweepGrid grid;
    SweepItem *item;      // (grid.cells)
    double flops;         // of the whole grid
    double flops_left;    //
    double seconds_left;  // on one job; nan: no rate known
    double largest_bytes; // of memory, of one cell
    double rate;          // FLOP/s of one job, from the runs in the store; nan: none
} SweepList;

// What sweep_run would do. store may be NULL or not exist: then nothing is done yet. Starts, writes
// and locks nothing.
bool sweep_list(const Sweep *sweep, const Task *task, const char *store, SweepList *list,
                Error *error);
void sweep_list_free(SweepList *list);

// ---- results ----

typedef enum SweepColumnKind {
    SWEEP_SETTING, // also task, numerics, network (canonical model) and data_hash
    SWEEP_FACT,    // parameters, flops, examples, classes, epoch, state, cell (its key), seconds
    SWEEP_METRIC,
} SweepColumnKind;

typedef struct SweepColumn {
    const char *name;
    SweepColumnKind kind;
    bool varies;       // settings: has more than one value in this table
    const char **text; // (rows) settings, state and cell; NULL for numbers
    double *real;      // (rows) numbers; nan: not measured, or a text that is no number
} SweepColumn;

// One row per recorded epoch. Columns: settings that vary, by name; the other settings, by name;
// facts; metrics, by name (those measured nowhere are left out). Rows: by settings in the order of
// the columns (numbers as numbers), then epoch. So equal runs give equal tables, in whatever order,
// on however many jobs and with whatever interruptions they were computed.
typedef struct SweepTable {
    size_t rows, columns;
    SweepColumn *column;
    Arena arena; // owns the texts
} SweepTable;

typedef struct SweepFilter {
    const Settings *where; // setting, task, numerics or state = value; NULL: everything
    bool timings;          // a column of seconds per run, which differ from run to run
} SweepFilter;

// How many cells the store holds in each state (indices CellState), of those whose settings are as
// `where` says; NULL: of all. A name that is no setting of a cell fits none.
bool sweep_count(const char *store, const Settings *where, size_t count[5], Error *error);

// Reads the store (also while a sweep writes it). Errors begin with its path or, for a name in the
// filter that no run has, with the place of that setting. Memory: 16 bytes for each row and column.
bool sweep_table(const char *store, const SweepFilter *filter, SweepTable *table, Error *error);
void sweep_table_free(SweepTable *table);

// By name, '-' and '_' the same; NULL when absent.
const SweepColumn *sweep_table_find(const SweepTable *table, const char *name);

// The state that a run has reached, as its task packed it: for task train a safetensors file.
// Free with memory_free. Errors begin with the store's path.
bool sweep_state(const char *store, const char *key, char **state, size_t *size, Error *error);

// ---- the store itself ----

typedef struct SweepExperiment { // that runs of the store were made for
    const char *name, *description;
} SweepExperiment;

typedef struct SweepInspection {
    int version;  // 1: without checksums
    bool partial; // a copy, made while a sweep was writing, without its log: the newest is missing
    size_t runs, state[CELL_FAILED + 1]; // how many there are, and in each CellState
    int64_t records;
    double checkpoint_bytes;
    SweepExperiment *experiment; // (experiments) by name
    size_t experiments, experiment_capacity;
    const char **damage; // (damages) what is not what was written, a line each, with the run's name
    size_t damages, damage_capacity;
    Arena arena; // owns the texts
} SweepInspection;

// What a store holds. verify: also reads all of it against its checksums and SQLite's own rules,
// and fills damage; else there is none. Errors begin with the store's path.
bool sweep_inspect(const char *store, bool verify, SweepInspection *inspection, Error *error);
void sweep_inspection_free(SweepInspection *inspection);

typedef enum SweepFormat {
    SWEEP_CSV,  // RFC 4180 with \n; nan is an empty field
    SWEEP_JSON, // an array of objects, one a line; nan is null, inf the string "inf"
} SweepFormat;

// Appends the table as text, numbers with the fewest digits that read back the same. Runs of which
// none has recorded anything yet are an error that says how they stand.
bool sweep_export(const char *store, const SweepFilter *filter, SweepFormat format, Text *text,
                  Error *error);
