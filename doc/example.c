// Counts a network with libbenign:
//     cc example.c $(pkg-config --cflags --libs benign) && ./a.out
#include <net/net.h>
#include <stdio.h>

int main(void) {
    static const char text[] = "input 40  fc-117 relu fc-117 relu fc-10";
    Error error;
    NetProgram *program = net_parse("example", text, sizeof text - 1, &error);
    Net *net = program ? net_build(program, NULL, &error) : NULL;
    if (net) {
        printf("%lld -> %lld: %lld parameters\n", (long long)shape_count(&net->input),
               (long long)net->outputs, (long long)net->parameters);
    } else {
        fprintf(stderr, "%s\n", error.text);
    }
    net_free(net);
    net_program_free(program);
    return net == NULL;
}
