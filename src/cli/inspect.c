// A store itself: what it holds, and whether that is what was written.
#include "base/json.h"
#include "cli/store.h"

static bool run(const Arguments *arguments, Error *error);

static const Flag FLAGS[] = {
    {"verify", NULL, "read all of it against its checksums, and list what is damaged"},
    {"json", NULL, "print JSON"},
    {0},
};

const Command command_store = {
    .name = "store",
    .form = "RUNS.db",
    .summary = "what a store of runs holds, and whether it is what was written",
    .more =
        "Counts the runs by their state, and names the experiments that they were made for.\n"
        "--verify needs as long as reading the file takes; where something is damaged it is\n"
        "listed, and the exit code is 1. benign sweep with the same experiment computes damaged\n"
        "runs anew.",
    .flags = FLAGS,
    .least_words = 1,
    .most_words = 1,
    .run = run,
};

static void describe(const char *path, const SweepInspection *inspection, bool verify, Text *text) {
    text_printf(text, "%s: %zu run%s", path, inspection->runs, inspection->runs == 1 ? "" : "s");
    const char *comma = ": ";
    for (int s = 0; sweep_states[s]; s++) {
        if (!inspection->state[s]) continue;
        text_printf(text, "%s%zu %s", comma, inspection->state[s], sweep_states[s]);
        comma = ", ";
    }
    text_printf(text, "; %lld records, checkpoints of %.1f MB\n", (long long)inspection->records,
                inspection->checkpoint_bytes * 1e-6);
    for (size_t i = 0; i < inspection->experiments; i++) {
        const SweepExperiment *experiment = &inspection->experiment[i];
        text_printf(text, "experiment %s%s%s\n", experiment->name,
                    *experiment->description ? ": " : "", experiment->description);
    }
    if (inspection->version < 2)
        text_add(text, "It was made by an earlier version and has no checksums; the next sweep on "
                       "it adds them.\n");
    for (size_t i = 0; i < inspection->damages; i++)
        text_printf(text, "damaged: %s\n", inspection->damage[i]);
    if (verify && inspection->damages == 0)
        text_add(text, inspection->version < 2 ? "SQLite finds no damage.\n"
                                               : "Every run and checkpoint is what was written.\n");
}

static json_t *to_json(const char *path, const SweepInspection *inspection, bool verify) {
    json_t *states = json_object(), *experiments = json_array();
    for (int s = 0; sweep_states[s]; s++)
        json_object_set_new(states, sweep_states[s],
                            json_integer((json_int_t)inspection->state[s]));
    for (size_t i = 0; i < inspection->experiments; i++)
        json_array_append_new(experiments,
                              json_pack("{s:o, s:o}", "name",
                                        json_text(inspection->experiment[i].name), "description",
                                        json_text(inspection->experiment[i].description)));
    json_t *damage = verify ? json_array() : json_null();
    for (size_t i = 0; i < inspection->damages; i++)
        json_array_append_new(damage, json_text(inspection->damage[i]));
    return json_pack("{s:o, s:i, s:I, s:o, s:I, s:f, s:o, s:o}", "store", json_text(path),
                     "version", inspection->version, "runs", (json_int_t)inspection->runs, "states",
                     states, "records", (json_int_t)inspection->records, "checkpoint_bytes",
                     inspection->checkpoint_bytes, "experiments", experiments, "damage", damage);
}

static void say_partial(const char *path) {
    Text line = {0};
    text_printf(&line,
                "%s: a copy that was made while a sweep was writing, without its log %s-wal: "
                "the newest records are missing\n",
                path, path);
    cli_say(line.data);
    text_free(&line);
}

bool cli_look_at_store(const char *path, Error *error) {
    SweepInspection inspection;
    if (!sweep_inspect(path, false, &inspection, error)) return false;
    size_t runs = inspection.runs, under_way = inspection.state[CELL_RUNNING];
    size_t left = under_way + inspection.state[CELL_TODO];
    if (inspection.partial) say_partial(path);
    int64_t records = inspection.records;
    sweep_inspection_free(&inspection);
    const char *are = under_way == 1 ? "is" : "are", *s = runs == 1 ? "" : "s";
    if (runs == 0) return error_set(error, "%s: a store without runs", path);
    if (records == 0)
        return error_set(error, "%s: %zu run%s, %zu %s under way; none has recorded anything yet",
                         path, runs, s, under_way, are);
    if (left == 0) return true;
    Text line = {0};
    text_printf(&line,
                "%s: of %zu run%s %zu %s ended and %zu %s under way: a look at a sweep that "
                "has not ended\n",
                path, runs, s, runs - left, runs - left == 1 ? "has" : "have", under_way, are);
    cli_say(line.data);
    text_free(&line);
    return true;
}

static bool run(const Arguments *arguments, Error *error) {
    const char *path = arguments->word[0];
    bool verify = cli_flag(arguments, "verify") != NULL;
    SweepInspection inspection;
    Text text = {0};
    if (!sweep_inspect(path, verify, &inspection, error)) return false;
    if (cli_flag(arguments, "json"))
        cli_add_json(&text, to_json(path, &inspection, verify));
    else
        describe(path, &inspection, verify, &text);
    size_t damages = inspection.damages;
    if (inspection.partial) say_partial(path);
    bool ok = cli_write(NULL, &text, error);
    if (ok && damages)
        ok = error_set(error, "%s: damaged in %zu place%s", path, damages, damages == 1 ? "" : "s");
    sweep_inspection_free(&inspection);
    text_free(&text);
    return ok;
}
