// Outputs, losses, gradients and running statistics of whole networks agree with PyTorch's in
// double precision (torch_agreement.py wrote agreement_reference.h), to 1e-4 of their size.
//
// With arguments this is what torch_agreement.py runs to compare number by number:
//     train_test_agreement MODEL EXAMPLES FOLDER THREADS NAMES [NAME=VALUE]
// writes into the folder w.safetensors, by its own names or torchvision's, and ours.safetensors:
// eval, train, loss, grad.NAME, buffer.NAME.
#include "agreement.h"
#include "agreement_reference.h"
#include "run_suite.h"
#include "weights/tensors.h"
#include <stdio.h>
#include <stdlib.h>

static Net *build(const char *model, const char *variable, const char *value) {
    Error error = {0};
    Settings settings = {0};
    if (variable) settings_set(&settings, variable, value, NULL);
    NetProgram *program = net_read(model, &error);
    Net *net = program ? net_build(program, &settings, &error) : NULL;
    if (!net) fprintf(stderr, "%s\n", error.text);
    REQUIRE(net != NULL);
    net_program_free(program);
    settings_free(&settings);
    return net;
}

// ---- against the reference ----

static const double TOLERANCE = 1e-4;

// |ours - theirs| against |theirs|, as vectors.
static void check_vector(const char *what, const float *ours, const double *theirs, size_t count) {
    double miss = 0, size = 0;
    for (size_t i = 0; i < count; i++) {
        miss += (ours[i] - theirs[i]) * (ours[i] - theirs[i]);
        size += theirs[i] * theirs[i];
    }
    ck_assert_msg(sqrt(miss) <= TOLERANCE * sqrt(size), "%s: off by %.2e of %.6g", what,
                  sqrt(miss / size), sqrt(size));
}

// Length and projections onto two random directions, whose stream follows the tensor's own.
static void check_tensor(const ReferenceTensor *theirs, const float *ours, size_t t,
                         const NetTensor *tensor) {
    double norm = 0, along[2] = {0};
    for (int k = 0; k < 2; k++) {
        Random random =
            random_stream(AGREEMENT_SEED, RANDOM_TEST, AGREEMENT_INPUT * (k + 2ULL) + t);
        for (int64_t i = 0; i < tensor->count; i++)
            along[k] += ours[i] * (2 * random_uniform(&random) - 1);
    }
    for (int64_t i = 0; i < tensor->count; i++) norm += (double)ours[i] * ours[i];
    ck_assert_str_eq(theirs->name, tensor->name);
    double most = TOLERANCE * theirs->scale;
    ck_assert_msg(fabs(sqrt(norm) - theirs->norm) <= most, "%s: length %.9g, PyTorch %.9g",
                  tensor->name, sqrt(norm), theirs->norm);
    for (int k = 0; k < 2; k++)
        ck_assert_msg(fabs(along[k] - theirs->along[k]) <= most,
                      "%s: %.9g along direction %d, PyTorch %.9g", tensor->name, along[k], k,
                      theirs->along[k]);
}

START_TEST(agrees_with_pytorch) {
    const Reference *theirs = &REFERENCE[_i];
    Text path = {0};
    if (theirs->is_text) {
        text_add(&path, theirs->model);
    } else {
        text_printf(&path, TOP "/models/%s.net", theirs->model);
    }
    Net *net = build(path.data, theirs->variable, theirs->value);
    Agreement ours;
    agreement_open(&ours, net, WEIGHTS_OWN, EXAMPLES);
    agreement_evaluate(&ours, NULL);
    check_vector("eval", ours.evaluated, theirs->evaluated, EXAMPLES * ours.outputs);
    if (theirs->learnt) {
        agreement_learn(&ours, NULL);
        check_vector("train", ours.learnt, theirs->learnt, EXAMPLES * ours.outputs);
        check_vector("loss", ours.loss, theirs->loss, EXAMPLES);
        for (size_t t = 0; t < ours.list.count; t++) {
            const NetTensor *tensor = &ours.list.tensor[t];
            const float *block = tensor->is_buffer ? ours.buffers : ours.dw;
            check_tensor(&theirs->tensor[t], block + tensor->offset, t, tensor);
        }
    }
    agreement_close(&ours);
    net_free(net);
    text_free(&path);
}
END_TEST

// ---- for torch_agreement.py ----

typedef struct Out {
    Tensor *tensor;
    size_t count;
    Arena arena;
} Out;

static void put(Out *out, const char *prefix, const NetTensor *of, const float *numbers) {
    Text name = {0};
    Tensor *tensor = &out->tensor[out->count++];
    text_printf(&name, "%s%s", prefix, of->name);
    *tensor = (Tensor){.rank = of->rank, .count = of->count, .numbers = numbers};
    tensor->name = arena_text(&out->arena, name.data, name.length);
    memcpy(tensor->size, of->size, sizeof of->size);
    text_free(&name);
}

static void write_ours(const Agreement *a, const char *folder) {
    Out out = {.tensor = memory_new(a->list.count + 3, sizeof(Tensor))};
    int64_t n = (int64_t)a->examples, outputs = (int64_t)a->outputs;
    put(&out, "", &(NetTensor){"eval", 2, {n, outputs}, 0, n * outputs, false}, a->evaluated);
    put(&out, "", &(NetTensor){"train", 2, {n, outputs}, 0, n * outputs, false}, a->learnt);
    put(&out, "", &(NetTensor){"loss", 1, {n}, 0, n, false}, a->loss);
    for (size_t t = 0; t < a->list.count; t++) {
        const NetTensor *tensor = &a->list.tensor[t];
        put(&out, tensor->is_buffer ? "buffer." : "grad.", tensor,
            (tensor->is_buffer ? a->buffers : a->dw) + tensor->offset);
    }
    char *bytes, *path = file_join(folder, "ours.safetensors");
    size_t size;
    Settings none = {0};
    REQUIRE(tensors_pack(out.tensor, out.count, &none, &bytes, &size, NULL));
    REQUIRE(file_write(path, bytes, size, NULL));
    memory_free(bytes);
    memory_free(path);
    memory_free(out.tensor);
    arena_free(&out.arena);
}

static int write_all(char **argv, char *variable) {
    const size_t examples = (size_t)atoi(argv[2]), threads = (size_t)atoi(argv[4]);
    const WeightNames names = strcmp(argv[5], "own") == 0 ? WEIGHTS_OWN : WEIGHTS_TORCHVISION;
    char *value = variable ? strchr(variable, '=') : NULL;
    if (value) *value++ = 0;
    Net *net = build(argv[1], variable, value);
    Agreement a;
    Settings none = {0};
    Team *team = team_new(threads, NULL, NULL);
    char *path = file_join(argv[3], "w.safetensors");
    agreement_open(&a, net, names, examples);
    REQUIRE(weights_write(path, net, names, a.w, a.buffers, &none, NULL));
    agreement_evaluate(&a, team);
    agreement_learn(&a, team);
    write_ours(&a, argv[3]);
    memory_free(path);
    agreement_close(&a);
    team_free(team);
    net_free(net);
    return 0;
}

int main(int argc, char **argv) {
    if (argc > 5) return write_all(argv, argv[6]);
    Suite *suite = suite_create("train/agreement");
    TCase *all = tcase_create("agreement");
    tcase_add_loop_test(all, agrees_with_pytorch, 0, CASES);
    suite_add_tcase(suite, all);
    return run_suite(suite);
}
