// The steps of a run.
#include "torch/inner.h"
#include <string.h>

static void add_option(const void *context, const char *name, Text *text) {
    const Option *option = option_find(train_options, train_option_count, name);
    REQUIRE(option != NULL);
    Text value = {0};
    option_print(option, context, &value);
    if (option->type == OPTION_TEXT)
        text_add_python(text, value.data ? value.data : "");
    else
        text_add(text, strcmp(value.data, "inf") == 0 ? "math.inf" : value.data);
    text_free(&value);
}

static void add_options(const char *python, const TrainOptions *options, Text *text) {
    torch_fill(python, add_option, options, text);
}

static const char ORDER[] =
    "def words(seed, index, count):\n"
    "    \"\"\"64-bit words of Philox4x32-10 (Salmon et al. 2011), stream `index` of purpose 5.\"\"\"\n"
    "    low = 0xFFFFFFFF\n"
    "    block = np.arange((count + 1) // 2, dtype=np.uint64)\n"
    "    c = [block] + [np.full_like(block, word) for word in (index & low, index >> 32, 5)]\n"
    "    k = [seed & low, seed >> 32]\n"
    "    for _ in range(10):\n"
    "        a, b = c[0] * 0xD2511F53, c[2] * 0xCD9E8D57\n"
    "        c = [(b >> 32) ^ c[1] ^ k[0], b & low, (a >> 32) ^ c[3] ^ k[1], a & low]\n"
    "        k = [(k[0] + 0x9E3779B9) & low, (k[1] + 0xBB67AE85) & low]\n"
    "    return np.stack([c[0] << 32 | c[1], c[2] << 32 | c[3]], 1).ravel()[:count]\n"
    "\n\n"
    "def order_of(seed, epoch, n):\n"
    "    \"\"\"The samples in the order of an epoch: Fisher-Yates.\"\"\"\n"
    "    order = []\n"
    "    draws = words(seed, epoch, n) % np.arange(1, n + 1, dtype=np.uint64)\n"
    "    for i, j in enumerate(draws.tolist()):\n"
    "        order.append(i)\n"
    "        order[i], order[j] = order[j], i\n"
    "    return torch.tensor(order)\n";

static const char MEASURE[] =
    "def load(folder, part):\n"
    "    x = torch.from_numpy(np.load(f\"{folder}/x_{part}.npy\")).reshape(-1, *INPUT)\n"
    "    y = torch.from_numpy(np.load(f\"{folder}/y_{part}.npy\"))\n"
    "    return x, y if y.is_floating_point() else y[:, 0].long()\n"
    "\n\n"
    "def measure(network, x, y):\n"
    "    \"\"\"Mean loss and, of classes, the share of errors.\"\"\"\n"
    "    with torch.no_grad():\n"
    "        u = torch.cat([network(part).flatten(1) for part in x.split(256)])\n"
    "    error = math.nan\n"
    "    if not y.is_floating_point():\n"
    "        guess = u.argmax(1) if u.shape[1] > 1 else (u[:, 0] > 0).long()\n"
    "        error = (guess != y).double().mean().item()\n"
    "    return losses(u, y).double().mean().item(), error\n";

// The line of a table for what an option, {loss} or the like, chose.
static void add_chosen(const TorchWord *table, const char *option, const TrainOptions *options,
                       Text *text) {
    Text name = {0};
    add_options(option, options, &name);
    add_options(torch_find(table, name.data), options, text);
    text_free(&name);
}

// What the numbers in the folder are.
static void add_sample(const TrainOptions *options, Text *text) {
    add_options("DATA = {data}\n"
                "# samples={samples} subset_seed={subset_seed} noise={noise} "
                "noise_law={noise_law} noise_seed={noise_seed}\n"
                "START = {start}  # \"\": init={init} init_law={init_law} init_seed={init_seed}\n",
                options, text);
    if (*options->until) add_options("UNTIL = {until}  # where ours stops\n", options, text);
}

static const char EPOCHS[] =
    "def train(folder):\n"
    "    network = Network()\n"
    "    network.load_state_dict(load_file(f\"{folder}/start.safetensors\"))\n"
    "    x, y = load(folder, \"train\")\n"
    "    has_test = os.path.exists(f\"{folder}/x_test.npy\")\n"
    "    sets = [(x, y)] + ([load(folder, \"test\")] if has_test else [])\n"
    "    steps = ";
static const char LOOP[] =
    "    print(\"epoch,train_loss,train_error\" + \",test_loss,test_error\" * has_test)\n"
    "    for epoch in range(EPOCHS + 1):\n"
    "        if epoch in RECORDED:\n"
    "            network.eval()\n"
    "            numbers = [value for one in sets for value in measure(network, *one)]\n"
    "            print(epoch, *(f\"{value:.9g}\" for value in numbers), sep=\",\", flush=True)\n"
    "        if epoch == EPOCHS:\n"
    "            break\n"
    "        network.train()\n"
    "        batches = order_of(ORDER_SEED, epoch, len(x)).split(BATCH)[:steps]\n"
    "        for step, batch in enumerate(batches):\n"
    "            t = epoch * steps + step\n"
    "            for group in optimizer.param_groups:\n"
    "                group[\"lr\"] = group[\"factor\"] * ";
static const char STEP[] =
    "            optimizer.zero_grad()\n"
    "            losses(network(x[batch]).flatten(1), y[batch]).mean().backward()\n"
    "            optimizer.step()\n"
    "    with safe_open(f\"{folder}/start.safetensors\", \"pt\") as start:\n"
    "        metadata = start.metadata()  # how the data were prepared\n"
    "    save_file(network.state_dict(), f\"{folder}/end.safetensors\", metadata)\n";

// The last layer with weights may learn at a rate of its own.
static void add_groups(const Net *net, const TrainOptions *options, Text *text) {
    size_t last = net->layers - 1;
    while (net->layer[last].slots == 0) last--;
    if (options->lr_last == 1) {
        text_add(text, "    groups = [dict(params=network.parameters(), factor=1)]\n");
        return;
    }
    text_printf(text, "    last = list(network.%s.parameters())\n", net->layer[last].name);
    add_options("    groups = [dict(params=list(network.parameters())[:-len(last)], factor=1),\n"
                "              dict(params=last, factor={lr_last})]\n",
                options, text);
}

void torch_print_training(const Net *net, const TrainOptions *options, Text *text) {
    add_sample(options, text);
    add_options("EPOCHS, BATCH, ORDER_SEED = {epochs}, {batch}, {order_seed}\n"
                "RECORDED = set([0, EPOCHS] + [int(2 ** (j / {records}) + 1e-9) "
                "for j in range(30 * {records} + 1)])\n",
                options, text);
    text_printf(text, "\n\n%s\n\n%s\n\n", ORDER, MEASURE);
    text_add(text, "def losses(u, y):  # of every example\n    return ");
    add_chosen(torch_losses, "{loss}", options, text);
    text_printf(text, "\n\n\n%s%s  # of an epoch\n", EPOCHS,
                options->last_batch == TRAIN_DROP ? "len(x) // BATCH" : "-(-len(x) // BATCH)");
    add_groups(net, options, text);
    text_add(text, "    optimizer = ");
    add_chosen(torch_optimizers, "{optimizer}", options, text);
    text_printf(text, "\n%s", LOOP);
    add_chosen(torch_schedules, "{schedule}", options, text);
    text_printf(text, "\n%s\n\n", STEP);
}
