#include "plot/inner.h"
#include <math.h>
#include <string.h>

enum { LARGEST_PICTURE = 1 << 28 };

typedef struct Report {
    const Table *table;
    const CurveOptions *curves;
    const PlotOptions *options;
    CurveSet set, loss;
    bool has_loss, has_map;
    Text html;
} Report;

static const char STYLE[] =
    ":root{color-scheme:light dark;--ink:#1d1d1f;--soft:#5c5c61;--line:#dcdce0;--paper:#fff;"
    "--mark:#D55E00}\n"
    "@media(prefers-color-scheme:dark){:root{--ink:#ececf0;--soft:#a6a6ad;--line:#3a3a40;"
    "--paper:#17171a;--mark:#ff9a4d}}\n"
    "*{box-sizing:border-box}\n"
    "body{margin:0;background:var(--paper);color:var(--ink);"
    "font:17px/1.55 system-ui,-apple-system,'Segoe UI','DejaVu Sans',sans-serif}\n"
    "main{max-width:52rem;margin:0 auto;padding:3rem 1.25rem 4rem}\n"
    "h1{font-size:2rem;line-height:1.2;margin:0 0 1rem;overflow-wrap:anywhere}\n"
    "h2{font-size:1.2rem;margin:2.75rem 0 .6rem}\n"
    ".verdict{font-size:1.15rem;border-left:.3rem solid var(--mark);padding:.1rem 0 .1rem 1rem;"
    "margin:0 0 1.75rem}\n"
    ".facts{display:flex;flex-wrap:wrap;gap:.75rem 2.5rem;margin:0 0 1.5rem}\n"
    ".facts div{min-width:8rem}.facts dt{color:var(--soft);font-size:.85rem}\n"
    ".facts dd{margin:0;font-size:1.5rem;font-weight:600}.facts dd small{font-size:.85rem;"
    "font-weight:400;color:var(--soft);display:block}\n"
    "figure{margin:2rem 0}figure svg{display:block;width:100%;height:auto;background:#fff;"
    "border-radius:.4rem;padding:.75rem;color:#000}\n"
    "figcaption{color:var(--soft);font-size:.92rem;margin-top:.6rem}\n"
    ".scroll{overflow-x:auto}\n"
    "table{border-collapse:collapse;font-size:.9rem;font-variant-numeric:tabular-nums}\n"
    "th,td{padding:.22rem .9rem .22rem 0;text-align:right;border-bottom:1px solid var(--line)}\n"
    "th{color:var(--soft);font-weight:500}.words th,.words td{text-align:left;"
    "overflow-wrap:anywhere}.words th,.words td:first-child{white-space:nowrap}td.note{text-align:left;color:var(--mark)}\n"
    "pre{background:color-mix(in srgb,var(--ink) 7%,transparent);padding:.8rem 1rem;"
    "border-radius:.4rem;white-space:pre-wrap;overflow-wrap:anywhere;font-size:.9rem}\n"
    "footer{color:var(--soft);font-size:.85rem;margin-top:3rem}\n"
    "@media print{:root{--ink:#000;--soft:#444;--line:#bbb;--paper:#fff;--mark:#D55E00}"
    "body{font-size:11pt}main{max-width:none;padding:0}figure,tr,.facts{break-inside:avoid}"
    "h2{break-after:avoid}figure svg{padding:0;max-height:21cm}}\n";

static void add(Report *report, const char *text) {
    text_add(&report->html, text);
}

static void add_words(Report *report, const char *text) {
    plot_add_xml(&report->html, text);
}

// "NAME-curve.svg" beside NAME.html.
static char *picture_path(const Report *report, const char *which) {
    const char *path = report->options->path, *ending = strrchr(path, '.');
    Text name = {0};
    text_printf(&name, "%.*s-%s.svg", (int)(ending - path), path, which);
    return name.data;
}

// The picture without its XML head, and with names of its own: ids are the page's.
static bool inline_picture(Report *report, const char *path, const char *prefix, Error *error) {
    static const char *const keys[] = {"id=\"", "id='", "href='#", "href=\"#", "url(#"};
    char *data;
    size_t size;
    if (!file_read(path, LARGEST_PICTURE, &data, &size, error)) return false;
    const char *start = strstr(data, "<svg");
    for (const char *c = start ? start : data; *c;) {
        size_t length = 0;
        for (size_t k = 0; k < sizeof keys / sizeof *keys && !length; k++) {
            if (text_starts(c, keys[k])) length = strlen(keys[k]);
        }
        text_add_bytes(&report->html, c, length ? length : 1);
        if (length) add(report, prefix);
        c += length ? length : 1;
    }
    memory_free(data);
    return true;
}

static bool draw_curve(Report *report, Error *error) {
    const CurveSet *panels[2] = {&report->set, &report->loss};
    char *path = picture_path(report, "curve");
    PlotOptions options = {.path = path, .command = report->options->command, .width = 7.5};
    bool ok = plot_curves(panels, report->has_loss ? 2 : 1, &options, error);
    if (ok) {
        add(report, "<figure>\n");
        ok = inline_picture(report, path, "c-", error);
        add(report, "<figcaption><b>Along ");
        add_words(report, report->set.x);
        add(report, ".</b> Lines are means over seeds, bands reach from the least to the greatest "
                    "seed, dots are single seeds.");
        if (report->set.curves == 1)
            add(report, " A black dot is the critical point, where the curve stops rising and "
                        "falls again, its bar the 95 % interval; there is none where no second "
                        "descent is shown. The dashed line stands where the mean train error first "
                        "is and stays 0.");
        add(report, "</figcaption>\n</figure>\n");
    }
    memory_free(path);
    return ok;
}

static void explain_map(Report *report) {
    CurveShape shape = report->set.curve[0].test.shape;
    add(report, " and training time.</b> Each cell is the mean over seeds at one epoch; darker is "
                "better, and the palest colour also stands for everything above it. Above the "
                "white line the train error is 0: every label is fitted, wrong ones included. Dots "
                "mark the peak of a row where a second descent is shown.");
    if (shape == CURVE_DOUBLE_DESCENT || shape == CURVE_FINAL_ASCENT)
        add(report, " The ridge of bad generalisation runs where the train error first reaches 0: "
                    "on one side the data are not fitted yet, on the other they are fitted, noise "
                    "and all, and the error falls again. A row shows double descent along ");
    else
        add(report, " A row shows the curve along ");
    add_words(report, report->set.x);
    add(report, ", a column the course of training. Below: the end of training. Right: three "
                "columns over the epochs, marked by triangles above the map.");
}

static bool draw_map(Report *report, Error *error) {
    char *path = picture_path(report, "map");
    PlotOptions options = {.path = path, .command = report->options->command, .width = 7.5};
    bool ok = plot_map(report->table, report->curves, &options, error);
    if (ok) {
        add(report, "<figure>\n");
        ok = inline_picture(report, path, "m-", error);
        add(report, "<figcaption><b>Along ");
        add_words(report, report->set.x);
        explain_map(report);
        add(report, "</figcaption>\n</figure>\n");
    }
    memory_free(path);
    return ok;
}

static void add_fact(Report *report, const char *name, const char *value, const char *more) {
    add(report, "<div><dt>");
    add_words(report, name);
    add(report, "</dt><dd>");
    add_words(report, value);
    if (more) {
        add(report, "<small>");
        add_words(report, more);
        add(report, "</small>");
    }
    add(report, "</dd></div>\n");
}

static void add_peak_fact(Report *report, const CurveVerdict *verdict) {
    if (verdict->peak.index == CURVE_NONE) return;
    Text value = {0}, more = {0};
    text_printf(&value, "%s %.6g", report->set.x, verdict->peak.x);
    if (!isnan(verdict->peak_low))
        text_printf(&more, "95 %% interval %.6g to %.6g", verdict->peak_low, verdict->peak_high);
    add_fact(report, "critical point", value.data, more.data);
    text_free(&value);
    text_free(&more);
}

static void add_threshold_fact(Report *report, const Curve *curve) {
    if (curve->threshold.from == CURVE_NONE) return;
    const CurvePoint *point = &curve->point[curve->threshold.from];
    Text value = {0}, more = {0};
    text_printf(&value, "%s %.6g", report->set.x, point->x);
    if (!isnan(point->parameters)) text_printf(&more, "%.6g parameters", point->parameters);
    if (!isnan(point->samples))
        text_printf(&more, "%s%.6g samples", more.length ? ", " : "", point->samples);
    add_fact(report, "train error 0 from", value.data, more.data);
    text_free(&value);
    text_free(&more);
}

static void add_facts(Report *report, const Curve *curve) {
    const CurveVerdict *verdict = &curve->test;
    Text more = {0};
    add(report, "<dl class=facts>\n");
    if (!isnan(verdict->p_second_descent)) {
        text_add(&more, "second descent: ");
        curve_p_words(verdict->p_second_descent, &more);
    }
    static const char *const modest[CURVE_SHAPES] = {
        [CURVE_FLAT] = "nothing shown",
        [CURVE_FALLING] = "a fall shown, no rise",
        [CURVE_RISING] = "a rise shown, no fall",
    };
    const char *shape =
        modest[verdict->shape] ? modest[verdict->shape] : curve_shape_name(verdict->shape);
    add_fact(report, report->set.y, shape, more.data);
    text_free(&more);
    add_peak_fact(report, verdict);
    add_threshold_fact(report, curve);
    add(report, "</dl>\n");
}

static void add_verdicts(Report *report) {
    Text runs = {0};
    curve_runs_words(&report->set.runs, &runs);
    if (runs.data) {
        add(report, "<p class=verdict>");
        add_words(report, runs.data);
        add(report, "</p>\n");
    }
    text_free(&runs);
    for (size_t c = 0; c < report->set.curves; c++) {
        const Curve *curve = &report->set.curve[c];
        Text words = {0};
        for (size_t k = 0; k < curve->by.count; k++)
            text_printf(&words, "%s %s: ", curve->by.item[k].name, curve->by.item[k].value);
        curve_verdict_words(&report->set, curve, &words);
        add(report, "<p class=verdict>");
        add_words(report, words.data);
        add(report, "</p>\n");
        text_free(&words);
    }
    if (report->set.curves == 1) add_facts(report, &report->set.curve[0]);
}

static void add_number(Report *report, double value, int digits) {
    if (isnan(value))
        add(report, "<td></td>");
    else
        text_printf(&report->html, "<td>%.*g</td>", digits, value);
}

static void add_remark(Report *report, const char **comma, const char *remark) {
    add(report, *comma);
    add(report, remark);
    *comma = ", ";
}

static void add_row(Report *report, const Curve *curve, size_t index) {
    const CurvePoint *point = &curve->point[index];
    add(report, "<tr>");
    add_number(report, point->x, 6);
    add_number(report, point->parameters, 8);
    add_number(report, point->y.mean, 4);
    add_number(report, point->y.se, 2);
    add_number(report, point->y.min, 4);
    add_number(report, point->y.max, 4);
    add_number(report, (double)point->y.n, 6);
    add_number(report, point->train.mean, 4);
    add(report, "<td class=note>");
    const char *comma = "";
    if (index == curve->test.first_minimum.index) add_remark(report, &comma, "first minimum");
    if (index == curve->threshold.from) add_remark(report, &comma, "mean train error 0 from here");
    if (index == curve->test.peak.index) add_remark(report, &comma, "peak");
    if (point->lost) text_printf(&report->html, "%s%zu diverged", comma, point->lost);
    add(report, "</td></tr>\n");
}

static void add_points(Report *report) {
    add(report, "<h2>The points</h2>\n");
    for (size_t c = 0; c < report->set.curves; c++) {
        const Curve *curve = &report->set.curve[c];
        add(report, "<div class=scroll><table>\n<tr><th>");
        add_words(report, report->set.x);
        add(report, "</th><th>parameters</th><th>");
        add_words(report, report->set.y);
        add(report, "</th><th>standard error</th><th>least</th><th>greatest</th><th>seeds</th>"
                    "<th>train error</th><th></th></tr>\n");
        for (size_t i = 0; i < curve->points; i++) add_row(report, curve, i);
        add(report, "</table></div>\n");
    }
}

static void add_pair(Report *report, const char *name, const char *value) {
    add(report, "<tr><th>");
    add_words(report, name);
    add(report, "</th><td>");
    add_words(report, value);
    add(report, "</td></tr>\n");
}

static void add_settings(Report *report) {
    const CurveSet *set = &report->set;
    add(report, "<h2>Settings</h2>\n<table class=words>\n");
    for (size_t i = 0; i < set->fixed.count; i++)
        add_pair(report, set->fixed.item[i].name, set->fixed.item[i].value);
    Text seeds = {0};
    for (size_t s = 0; s < set->curve[0].seeds; s++)
        text_printf(&seeds, "%s%s", s ? "; " : "", set->curve[0].seed[s]);
    add_pair(report, "seeds", seeds.data ? seeds.data : "");
    text_free(&seeds);
    add(report, "</table>\n");
}

static void add_again(Report *report) {
    add(report, "<h2>How to make it again</h2>\n<pre>");
    add_words(report, report->options->command ? report->options->command : "benign report");
    add(report,
        "</pre>\n<p>The pictures lie beside this page, each with the gnuplot script and the "
        "numbers that drew it.</p>\n<h2>How the verdict is reached</h2>\n<p>");
    text_printf(&report->html,
                "The second descent is tested against every curve without an inner peak: the "
                "studentised height of the peak over the lowest points on both sides is compared "
                "with the largest contrast that noise alone gives between any two points, in %d "
                "simulated curves; so the freedom to choose where the peak is has been paid for. "
                "At least %d seeds a point are needed, and p below %.2g to call it shown. What is "
                "not shown may be there all the same: the smallest bump that these seeds would "
                "find says how large.",
                CURVE_REPLICATES, CURVE_SEEDS_LEAST, CURVE_LEVEL);
    add(report, "</p>\n<footer>benign " BENIGN_VERSION ", from ");
    add_words(report, report->set.source);
    add(report, "</footer>\n");
}

// What the person who made the experiment says of it.
static void add_about(Report *report) {
    const char *line = report->options->about;
    for (size_t length; line && *line; line += length + (line[length] == '\n')) {
        length = strcspn(line, "\n");
        char *one = memory_text(line);
        one[length] = 0;
        add(report, "<p>");
        add_words(report, one);
        add(report, "</p>\n");
        memory_free(one);
    }
}

static bool write_page(Report *report, Error *error) {
    Text title = {0};
    if (report->options->title)
        text_add(&title, report->options->title);
    else
        text_printf(&title, "%s along %s", report->set.y, report->set.x);
    add(report, "<!DOCTYPE html>\n<html lang=en>\n<head>\n<meta charset=utf-8>\n"
                "<meta name=viewport content=\"width=device-width, initial-scale=1\">\n<title>");
    add_words(report, title.data);
    add(report, "</title>\n<style>\n");
    add(report, STYLE);
    add(report, "</style>\n</head>\n<body>\n<main>\n<h1>");
    add_words(report, title.data);
    add(report, "</h1>\n");
    text_free(&title);
    add_about(report);
    add_verdicts(report);
    if (!draw_curve(report, error)) return false;
    if (report->has_map && !draw_map(report, error)) return false;
    add_points(report);
    add_settings(report);
    add_again(report);
    add(report, "</main>\n</body>\n</html>\n");
    return file_write(report->options->path, report->html.data, report->html.length, error);
}

static bool build(Report *report, Error *error) {
    CurveOptions options = *report->curves;
    if (!curve_build(report->table, &options, &report->set, error)) return false;
    curve_judge(&report->set);
    curve_detect(&report->set, 0);
    bool error_curve = strcmp(report->set.y, "test_error") == 0;
    options.y = "test_loss";
    report->has_loss = error_curve && table_find(report->table, "test_loss") >= 0 &&
                       curve_build(report->table, &options, &report->loss, NULL);
    if (report->has_loss) curve_judge(&report->loss);
    return true;
}

static size_t count_epochs(const Table *table) {
    ptrdiff_t epoch = table_find(table, "epoch");
    size_t changes = 0;
    for (size_t i = 1; epoch >= 0 && i < table->rows; i++)
        changes += table_compare(&table->row[i - 1]->cell[epoch], &table->row[i]->cell[epoch]) != 0;
    return changes;
}

bool plot_report(const Table *table, const CurveOptions *curves, const PlotOptions *options,
                 Error *error) {
    const char *ending = strrchr(options->path, '.');
    if (!ending || !text_equal_fold(ending, ".html"))
        return error_kind(error, ERROR_USAGE, "%s: a report's name ends in .html", options->path);
    Report report = {.table = table, .curves = curves, .options = options};
    bool ok = build(&report, error);
    report.has_map = ok && report.set.curves == 1 && strcmp(report.set.x, "epoch") != 0 &&
                     report.set.curve[0].points > 1 && count_epochs(table) > 0;
    ok = ok && write_page(&report, error);
    curve_free(&report.set);
    curve_free(&report.loss);
    text_free(&report.html);
    return ok;
}
