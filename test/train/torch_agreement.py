#!/usr/bin/env python3
"""Whole networks in PyTorch on the weights and inputs of agreement.h, beside ours.

    python3 test/train/torch_agreement.py BUILD > test/train/torch_agreement.txt
    python3 test/train/torch_agreement.py BUILD --full >> test/train/torch_agreement.txt
    python3 test/train/torch_agreement.py BUILD --header > test/train/agreement_reference.h

BUILD is a folder of CMake with the program and its tests. The modules are those that `benign export
--torch` writes; with --full they are torchvision's own, 224 x 224, on weights by its names. The
reference is double precision. Beside ours stand PyTorch's float and PyTorch's double with every
weight changed by at most 1e-6 of itself: what rounding alone does. At 224 x 224 some of millions of
rectified numbers and maxima lie so near a tie that any rounding turns them the other way, and with
them a part of the gradient; a VGG-11 without either shows that nothing else is behind it.
An error is |a - b| / (|b| + s), the largest over all tensors of a kind, where b is the reference
and s a hundredth of the longest gradient: that of a bias before a batch norm is 0 but for rounding.
"""
import argparse
import importlib.util
import math
import os
import subprocess
import tempfile

import numpy as np
import torch
import torch.nn.functional as F
from safetensors.torch import load_file

SEED, PURPOSE_TEST, INPUT, EXAMPLES = 2385, 8, 1000000, 19
TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

# name, model (a file of models/ or a text), variable, whether it also learns
CASES = [
    ("lenet5", "lenet5", None, True),
    ("mnist1d-cnn", "mnist1d-cnn", "c=7", True),
    ("mcnn", "mcnn", "k=4", True),
    ("vgg11-32", "vgg11-32", "k=4", True),
    ("resnet18k", "resnet18k", "k=4", True),
    ("bottleneck", "input 17x13x3 conv7-6 stride=2 bias=no batchnorm relu pool3 stride=2 pad=1 "
     "residual { conv1-4 bias=no batchnorm relu conv3-4 stride=2 bias=no batchnorm relu conv1-12 "
     "bias=no batchnorm } shortcut { conv1-12 stride=2 bias=no batchnorm } relu "
     "residual { conv1-4 bias=no batchnorm relu conv3-4 bias=no batchnorm relu conv1-12 bias=no "
     "batchnorm } relu globalpool fc-10 softmax", None, True),
    ("mixed", "input 9x7x6 conv3-8 groups=2 layernorm gelu avgpool3 stride=2 pad=1 conv1-12 "
     "groups=4 leaky slope=0.2 layernorm eps=0.001 conv3-5 stride=2 pad=2 batchnorm eps=0.001 "
     "momentum=0.3 hardtanh flatten dropout p=0 fc-11 batchnorm layernorm silu fc-10 softmax",
     None, True),
    ("nested", "input 21x2 conv3-6 tanh residual { conv3-6 residual { conv1-6 elu alpha=1.5 } "
     "shortcut { conv3-6 batchnorm } conv3-6 selu } avgpool2 sigmoid residual { pool3 stride=1 "
     "pad=1 } fc-10 softmax", None, True),
    ("dropout", "input 8x8x2 conv3-6 relu dropout p=0.25 pool2 fc-12 tanh dropout sign fc-10 "
     "softmax", None, False),
]
FULL = ["vgg11", "resnet18", "resnet34", "resnet50"]
SMOOTH = ("input 224x224x3 conv3-64 tanh avgpool2 conv3-128 tanh avgpool2 "
          "repeat 2 { conv3-256 tanh } "
          "avgpool2 repeat 2 { conv3-512 tanh } avgpool2 repeat 2 { conv3-512 tanh } avgpool2 "
          "fc-4096 tanh fc-4096 tanh fc-1000 softmax")


def uniform(index, count):
    """[0, 1): stream `index` of Philox4x32-10, 53 bits of every 64."""
    low = 0xFFFFFFFF
    c = [np.arange((count + 1) // 2, dtype=np.uint64)]
    c += [np.full_like(c[0], word) for word in (index & low, index >> 32, PURPOSE_TEST)]
    k = [SEED & low, SEED >> 32]
    for _ in range(10):
        a, b = c[0] * np.uint64(0xD2511F53), c[2] * np.uint64(0xCD9E8D57)
        c = [(b >> np.uint64(32)) ^ c[1] ^ np.uint64(k[0]), b & np.uint64(low),
             (a >> np.uint64(32)) ^ c[3] ^ np.uint64(k[1]), a & np.uint64(low)]
        k = [(k[0] + 0x9E3779B9) & low, (k[1] + 0xBB67AE85) & low]
    shift = np.uint64(32)
    words = np.stack([c[0] << shift | c[1], c[2] << shift | c[3]], 1).ravel()[:count]
    return (words >> np.uint64(11)).astype(np.float64) * 2.0**-53


def fill(network):
    """The tensors of a state dict by the rule of agreement.h; returns them with their numbers."""
    state = {name: tensor for name, tensor in network.state_dict().items()
             if not name.endswith("num_batches_tracked")}
    for t, (name, tensor) in enumerate(state.items()):
        u = uniform(t, tensor.numel())
        if name.endswith("_var") or (name.endswith(".weight") and tensor.dim() == 1):
            value = 0.5 + u
        elif name.endswith(".weight"):
            value = (2 * u - 1) * math.sqrt(6.0 / (tensor.numel() / tensor.shape[0]))
        else:
            value = 0.4 * u - 0.2
        tensor.copy_(torch.from_numpy(value.astype(np.float32)).reshape(tensor.shape))
    return state


def ask(network, shape, examples):
    """What agreement.h computes: a dict by the names of ours.safetensors."""
    x = torch.from_numpy(((2 * uniform(INPUT, examples * math.prod(shape)) - 1) * math.sqrt(3.0))
                         .astype(np.float32)).reshape(examples, *shape)
    x = x.to(next(network.parameters()).dtype)
    found = {}
    with torch.no_grad():
        found["eval"] = network.eval()(x).flatten(1)
    u = network.train()(x).flatten(1)
    y = torch.tensor([(7 * e * e + 3 * e) % u.shape[1] for e in range(examples)])
    losses = F.cross_entropy(u, y, reduction="none")
    losses.mean().backward()
    found["train"], found["loss"] = u.detach(), losses.detach()
    for name, parameter in network.named_parameters():
        found["grad." + name] = parameter.grad
    for name, buffer in network.named_buffers():
        if not name.endswith("num_batches_tracked"):
            found["buffer." + name] = buffer.clone()
    return found


KINDS = {"eval": "outputs, running statistics", "train": "outputs, those of the batch",
         "loss": "losses", "grad.": "gradients", "buffer.": "running statistics after it"}


def errors(found, reference):
    """The worst of each kind."""
    longest = max((t.norm().item() for name, t in reference.items() if name.startswith("grad.")),
                  default=0)
    worst = {}
    for name, theirs in reference.items():
        kind = next(k for k in KINDS if name.startswith(k))
        floor = longest / 100 if kind == "grad." else 0
        miss = (found[name].double() - theirs.double()).norm().item()
        worst[kind] = max(worst.get(kind, 0), miss / (theirs.double().norm().item() + floor))
    return worst


def ours_of(build, model, variable, examples, folder, threads=1, names="own"):
    command = [f"{build}/test/train_test_agreement", model, str(examples), folder, str(threads),
               names]
    subprocess.run(command + ([variable] if variable else []), check=True)
    return load_file(f"{folder}/ours.safetensors")


def exported(build, model, variable, folder):
    path = f"{folder}/network.py"
    subprocess.run([f"{build}/benign", "export", "--torch", model, "--out", path]
                   + ([variable] if variable else []), check=True)
    spec = importlib.util.spec_from_file_location("network", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.Network(), module.INPUT


def compare(title, ours, network, shape, examples, learns, quiet=False):
    single = ask(network, shape, examples)
    network.zero_grad()
    fill(network)  # the running statistics have moved
    double = ask(network.double(), shape, examples)
    if not learns:
        double = {"eval": double["eval"]}
    if not quiet:
        moved = ask(move(network), shape, examples)
        columns = [errors(found, double) for found in (ours, single, moved)]
        for kind in columns[0]:
            print(f"{title:<28} {KINDS[kind]:<30}" + "".join(f" {c[kind]:10.1e}" for c in columns),
                  flush=True)
    return double


def move(network):
    """The network with every weight changed by at most 1e-6 of itself."""
    network.zero_grad()
    fill(network)
    generator = torch.Generator().manual_seed(SEED)
    with torch.no_grad():
        for parameter in network.parameters():
            noise = torch.rand(parameter.shape, generator=generator, dtype=parameter.dtype)
            parameter *= 1 + 1e-6 * (2 * noise - 1)
    return network


def model_path(model):
    return model if " " in model else f"{TOP}/models/{model}.net"


def small(build, quiet=False):
    for name, model, variable, learns in CASES:
        with tempfile.TemporaryDirectory() as folder:
            ours = ours_of(build, model_path(model), variable, EXAMPLES, folder)
            network, shape = exported(build, model_path(model), variable, folder)
            state = fill(network)
            written = load_file(f"{folder}/w.safetensors")
            assert all(torch.equal(written[key], state[key]) for key in state)
            title = name + (f" {variable}" if variable else "")
            yield (name, model, variable, learns, network,
                   compare(title, ours, network, shape, EXAMPLES, learns, quiet))


def full(build, examples=3):
    import torchvision
    for name in FULL:
        with tempfile.TemporaryDirectory() as folder:
            ours = ours_of(build, model_path(name), None, examples, folder, os.cpu_count(),
                           "torchvision")
            options = dict(dropout=0.0, init_weights=False) if name.startswith("vgg") else {}
            network = getattr(torchvision.models, name)(**options)
            network.load_state_dict(load_file(f"{folder}/w.safetensors"))
            compare(f"torchvision's {name}", ours, network, (3, 224, 224), examples, True)
    with tempfile.TemporaryDirectory() as folder:
        ours = ours_of(build, SMOOTH, None, examples, folder, os.cpu_count())
        network, shape = exported(build, SMOOTH, None, folder)
        fill(network)
        compare("vgg11 of tanh and means", ours, network, shape, examples, True)


def numbers(values):
    rows = [", ".join(f"{v:.9g}" for v in values[i:i + 8]) for i in range(0, len(values), 8)]
    return "{\n    " + ",\n    ".join(rows) + "};"


def header(build):
    print("// Written by torch_agreement.py; do not edit.")
    print("// clang-format off")
    print(f"enum {{ EXAMPLES = {EXAMPLES}, CASES = {len(CASES)} }};")
    print("typedef struct ReferenceTensor {\n    const char *name;\n"
          "    double norm, scale, along[2];\n} ReferenceTensor;")
    print("typedef struct Reference {\n    const char *model;\n    int is_text;\n"
          "    const char *variable, *value;\n    const double *evaluated, *learnt, *loss;\n"
          "    const ReferenceTensor *tensor;\n} Reference;")
    cases = []
    for i, (_, model, variable, learns, network, double) in enumerate(small(build, quiet=True)):
        learnt = ["NULL"] * 3
        print(f"static const double eval_{i}[] = {numbers(double['eval'].flatten().tolist())}")
        if learns:
            print(f"static const double learnt_{i}[] = "
                  f"{numbers(double['train'].flatten().tolist())}")
            print(f"static const double loss_{i}[] = {numbers(double['loss'].tolist())}")
            print_tensors(i, network, double)
            learnt = [f"learnt_{i}", f"loss_{i}", f"tensor_{i}"]
        name, value = variable.split("=") if variable else (None, None)
        quoted = [f'"{word}"' if word else "NULL" for word in (name, value)]
        cases.append(f'    {{"{model}", {int(" " in model)}, {", ".join(quoted)}, eval_{i}, '
                     f'{", ".join(learnt)}}},')
    print("static const Reference REFERENCE[CASES] = {\n" + "\n".join(cases) + "\n};")


def print_tensors(i, network, double):
    longest = max(t.norm().item() for name, t in double.items() if name.startswith("grad."))
    print(f"static const ReferenceTensor tensor_{i}[] = {{")
    names = [n for n in network.state_dict() if not n.endswith("num_batches_tracked")]
    for t, name in enumerate(names):
        gradient = "grad." + name in double
        value = double[("grad." if gradient else "buffer.") + name].flatten().numpy()
        norm = math.sqrt((value * value).sum())
        along = [(value * (2 * uniform(INPUT * (k + 2) + t, value.size) - 1)).sum()
                 for k in range(2)]
        scale = norm + longest / 100 * gradient
        print(f'    {{"{name}", {norm:.9g}, {scale:.9g}, {{{along[0]:.9g}, {along[1]:.9g}}}}},')
    print("};")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("build")
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--header", action="store_true")
    arguments = parser.parse_args()
    torch.set_num_threads(os.cpu_count())
    if arguments.header:
        header(arguments.build)
    elif arguments.full:
        full(arguments.build)
    else:
        print(f"PyTorch {torch.__version__}, float; {EXAMPLES} examples (3 at 224x224); errors "
              "against double precision")
        print(f"{'network':<28} {'what':<30} {'ours':>10} {'PyTorch':>10} {'moved':>10}")
        for _ in small(arguments.build):
            pass


main()
