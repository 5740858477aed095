// Written by test/guess/prior_reference.py; do not edit.
static const struct {
    const char *model, *prior;
    double share, standard_error;
} REFERENCE[] = {
    {"input 3 fc-5 tanh fc-1", "normal", 0.0012111, 7.78e-06},
    {"input 3 fc-5 relu fc-1", "uniform", 0.00195555, 9.88e-06},
    {"input 3 fc-4 relu fc-4 relu fc-1", "normal", 0.0009532, 6.9e-06},
};
