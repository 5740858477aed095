#include "predict/predict.h"
#include "cli/cli.h"
#include <string.h>

static bool run(const Arguments *arguments, Error *error);

static const Flag FLAGS[] = {
    {"classes", "FILE",
     "the names of the classes, one a line (default: as in training, or numbers)"},
    {"top", "N", "how many classes to name (default: 5)"},
    {"resize", "N",
     "the shorter side first becomes N pixels (default: as in training; 256 for 224)"},
    {"mean", "R,G,B", "subtracted from pixel/255 (default: as in training, or ImageNet's)"},
    {"std", "R,G,B", "what that is divided by (default: as in training, or ImageNet's)"},
    {"threads", "N", "share the work (default: 1); the numbers do not depend on it"},
    {"json", NULL, "print JSON"},
    {0},
};

const Command command_predict = {
    .name = "predict",
    .form = "MODEL [NAME=VALUE ...] WEIGHTS.safetensors IMAGE ...",
    .summary = "what a trained network sees in images",
    .more =
        "IMAGE is a PNG or JPEG file, a folder of them, or an .npy file with the network's inputs,\n"
        "channels first and already normalised. Files of weights that benign wrote say how images\n"
        "were prepared, how numbers were standardised and what classes are called, and that is done.\n"
        "Of other files it is assumed, and said: images are resized, cropped and normalised as\n"
        "torchvision does for ImageNet. WEIGHTS may be the index of shards.\n"
        "    benign predict vgg16 vgg16.safetensors photos --classes imagenet.txt\n"
        "    benign predict net.net w.safetensors ship.png --mean 0.491,0.482,0.447 --std "
        "0.247,0.243,0.262",
    .flags = FLAGS,
    .least_words = 3,
    .most_words = 100000,
    .run = run,
};

// "0.5" or "0.49,0.48,0.45".
static bool read_three(const Arguments *arguments, const char *flag, float *three, Error *error) {
    const char *text = cli_flag(arguments, flag);
    if (!text) return true;
    char *copy = memory_text(text);
    double value = 0;
    size_t count = 0;
    bool ok = true;
    for (char *part = strtok(copy, ","); ok && part; part = strtok(NULL, ","), count++) {
        ok =
            count < PREDICT_CHANNELS && text_to_real(part, &value) && value > -1e30 && value < 1e30;
        if (ok) three[count] = (float)value;
    }
    memory_free(copy);
    if (ok && (count == 1 || count == PREDICT_CHANNELS)) {
        for (; count < PREDICT_CHANNELS; count++) three[count] = three[0];
        return true;
    }
    return error_set(error, "--%s: \"%s\"; it takes one number or three, as 0.49,0.48,0.45", flag,
                     text);
}

static bool read_moments(const Arguments *arguments, PredictOptions *options, Error *error) {
    bool mean = cli_flag(arguments, "mean"), std = cli_flag(arguments, "std");
    if (mean != std) return error_kind(error, ERROR_USAGE, "--mean and --std: both or none");
    options->has_moments = mean;
    if (!read_three(arguments, "mean", options->mean, error) ||
        !read_three(arguments, "std", options->sd, error))
        return false;
    for (size_t c = 0; mean && c < PREDICT_CHANNELS; c++) {
        if (!(options->sd[c] > 0)) return error_set(error, "--std: a number that is not above 0");
    }
    return true;
}

static bool read_options(const Arguments *arguments, PredictOptions *options, Error *error) {
    int64_t top = 5, shorter = 0, threads = 1;
    *options = (PredictOptions){.model = arguments->word[0],
                                .weights = arguments->word[1],
                                .classes = cli_flag(arguments, "classes")};
    bool ok = cli_flag_int(arguments, "top", 1, 1000000, &top, error) &&
              cli_flag_int(arguments, "resize", 1, 16384, &shorter, error) &&
              cli_flag_int(arguments, "threads", 1, 1024, &threads, error) &&
              read_moments(arguments, options, error);
    options->top = (size_t)top;
    options->shorter = (size_t)shorter;
    options->threads = (size_t)threads;
    return ok;
}

static bool print(const Predictions *predictions, bool json, Error *error) {
    Text text = {0};
    if (json) {
        cli_add_json(&text, predict_to_json(predictions));
    } else {
        predict_describe(predictions, &text);
    }
    bool ok = cli_write(NULL, &text, error);
    text_free(&text);
    return ok;
}

static bool is_variable(const char *word) { // a word with a "=" that is no file
    return strchr(word, '=') && !file_exists(word);
}

// Moves the variables behind the model, the weights and the images, whose number it returns with
// them.
static size_t sort_words(const Arguments *arguments, const char **word) {
    size_t files = 0, end = 0;
    for (size_t i = 0; i < arguments->words; i++)
        files += i == 0 || !is_variable(arguments->word[i]);
    for (size_t i = 0; i < arguments->words; i++) {
        bool file = i == 0 || !is_variable(arguments->word[i]);
        word[file ? end++ : files + (i - end)] = arguments->word[i];
    }
    return files;
}

static bool predict_images(const Arguments *arguments, size_t files, Error *error) {
    if (files < 3)
        return error_kind(error, ERROR_USAGE, "predict takes a model, its weights and images");
    PredictOptions options;
    Predictions predictions;
    Settings variables = {0};
    bool ok = read_options(arguments, &options, error) &&
              cli_settings(arguments, &command_predict, files, &variables, error);
    options.variables = &variables;
    ok = ok && predict(&options, arguments->word + 2, files - 2, &predictions, error);
    if (ok) {
        ok = print(&predictions, cli_flag(arguments, "json") != NULL, error);
        predict_free(&predictions);
    }
    settings_free(&variables);
    return ok;
}

static bool run(const Arguments *arguments, Error *error) {
    Arguments sorted = *arguments;
    const char **word = memory_new(arguments->words, sizeof *word);
    size_t files = sort_words(arguments, word);
    sorted.word = word;
    bool ok = predict_images(&sorted, files, error);
    memory_free(word);
    return ok;
}
