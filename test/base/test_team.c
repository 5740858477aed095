// Teams: every part is done once, by a thread of the team, and pieces follow each other.
#include "base/base.h"
#include "run_suite.h"
#include <stdatomic.h>

enum { PARTS = 1000, THREADS = 4 };

typedef struct Board {
    int done[PARTS];
    atomic_size_t by[THREADS];
} Board;

static void sign(void *context, size_t part, size_t thread) {
    Board *board = context;
    ck_assert_uint_lt(thread, THREADS);
    board->done[part]++;
    board->by[thread]++;
}

static void check_pieces(Team *team, size_t threads) {
    static const size_t PIECE[] = {0, 1, 2, 3, PARTS, 7};
    for (size_t p = 0; p < sizeof PIECE / sizeof *PIECE; p++) {
        Board board = {0};
        team_share(team, PIECE[p], sign, &board);
        size_t sum = 0;
        for (size_t t = 0; t < THREADS; t++) {
            sum += board.by[t];
            ck_assert(t < threads || board.by[t] == 0);
        }
        ck_assert_uint_eq(sum, PIECE[p]);
        for (size_t i = 0; i < PARTS; i++) ck_assert_int_eq(board.done[i], i < PIECE[p]);
    }
}

START_TEST(every_part_once) {
    check_pieces(NULL, 1);
    for (size_t threads = 1; threads <= THREADS; threads++) {
        Error error;
        Team *team = team_new(threads, NULL, &error);
        ck_assert_ptr_nonnull(team);
        ck_assert_uint_eq(team_threads(team), threads);
        for (int again = 0; again < 50; again++) check_pieces(team, threads);
        team_free(team);
    }
    ck_assert_uint_eq(team_threads(NULL), 1);
}
END_TEST

static atomic_int begun;

static void begin(void) {
    begun++;
}

static void meet(void *context, size_t part, size_t thread) {
    (void)part;
    (void)thread;
    atomic_int *here = context; // nobody leaves before all have come: so all threads take part
    for (++*here; *here < THREADS;) {
    }
}

START_TEST(members_begin_once_and_work_at_once) {
    Error error;
    Team *team = team_new(THREADS, begin, &error);
    for (int again = 0; again < 20; again++) {
        atomic_int here = 0;
        team_share(team, THREADS, meet, &here);
        ck_assert_int_eq(here, THREADS);
    }
    team_free(team);
    ck_assert_int_eq(begun, THREADS - 1);
}
END_TEST

START_TEST(closes_without_work) {
    Error error;
    for (int again = 0; again < 100; again++) team_free(team_new(THREADS, NULL, &error));
    team_free(NULL);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("base/team");
    TCase *all = tcase_create("team");
    tcase_add_test(all, every_part_once);
    tcase_add_test(all, members_begin_once_and_work_at_once);
    tcase_add_test(all, closes_without_work);
    suite_add_tcase(suite, all);
    return run_suite(suite);
}
