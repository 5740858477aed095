// A look at a sweep before it runs.
#include "sweep/store.h"
#include <math.h>

static void add_item(const SweepCell *cell, Standing *standing, double rate, SweepItem *item,
                     SweepList *list) {
    bool settled = standing->state == CELL_DONE || standing->state == CELL_DIVERGED;
    double left = settled ? 0 : cell->facts.flops * (1 - standing->fraction);
    *item = (SweepItem){standing->state, settled ? 1 : standing->fraction,
                        settled ? 0 : left / rate, standing->reason};
    standing->reason = NULL;
    list->flops += cell->facts.flops;
    list->flops_left += left;
    list->largest_bytes = fmax(list->largest_bytes, cell->facts.bytes);
}

static bool fill_list(Store *store, const char *task, SweepList *list, Error *error) {
    list->rate = NAN;
    if (store && !store_rate(store, task, &list->rate, error)) return false;
    Found *found = memory_try(list->grid.cells, sizeof *found, "the list of a sweep", error);
    bool ok = found && (!store || store_find(store, &list->grid, found, error));
    for (size_t i = 0; found && i < list->grid.cells; i++) {
        const SweepCell *cell = &list->grid.cell[i];
        Standing standing = found[i].standing;
        if (found[i].damaged) { // it will begin anew
            memory_free(standing.reason);
            standing = (Standing){0};
        }
        if (ok && store && standing.state == CELL_TODO && standing.fraction == 0 &&
            !store_head_start(store, cell, &standing.fraction, error))
            ok = false;
        add_item(cell, &standing, list->rate, &list->item[i], list);
    }
    memory_free(found);
    list->seconds_left = list->flops_left == 0 ? 0 : list->flops_left / list->rate;
    return ok;
}

bool sweep_list(const Sweep *sweep, const Task *task, const char *path, SweepList *list,
                Error *error) {
    *list = (SweepList){0};
    if (!sweep_grid(sweep, task, &list->grid, error)) return false;
    Store *store = NULL;
    list->item = memory_try(list->grid.cells, sizeof *list->item, "the list of a sweep", error);
    bool ok = list->item != NULL;
    if (ok && path && file_exists(path)) {
        store = store_open_to_read(path, error);
        ok = store != NULL;
    }
    ok = ok && fill_list(store, task->name, list, error);
    store_close(store);
    if (!ok) sweep_list_free(list);
    return ok;
}

void sweep_list_free(SweepList *list) {
    for (size_t i = 0; list->item && i < list->grid.cells; i++) memory_free(list->item[i].reason);
    memory_free(list->item);
    sweep_grid_free(&list->grid);
    *list = (SweepList){0};
}
