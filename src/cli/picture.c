#include "cli/picture.h"

bool cli_read_picture(const Arguments *arguments, PlotOptions *options, Error *error) {
    const char *width = cli_flag(arguments, "width");
    *options = (PlotOptions){.path = cli_flag(arguments, "plot"), .command = arguments->line.data};
    if (width && !options->path)
        return error_kind(error, ERROR_USAGE, "--width: of which picture? --plot FILE names it");
    return !options->path ||
           (plot_check_path(options->path, error) &&
            (!width || plot_parse_width(width, "--width", &options->width, error)));
}
