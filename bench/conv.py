"""Convolutions on one core: ours (bench_conv) beside the peak and beside PyTorch, seconds of the core."""
import subprocess
import time

import torch

TRIES = 5


def best_of(run):
    best, tries, start = 1e9, 0, time.process_time()
    while tries < TRIES or (time.process_time() - start < 0.05 and tries < 1000):
        begin = time.process_time()
        run()
        best, tries = min(best, time.process_time() - begin), tries + 1
    return best


def peer(axes, kernel, side, inputs, outputs, stride, batch, channels_last):
    """Milliseconds of forward and of forward with all three gradients."""
    conv = (torch.nn.Conv1d, torch.nn.Conv2d)[axes - 1](inputs, outputs, kernel, stride, kernel // 2)
    x = torch.randn(batch, inputs, *[side] * axes)
    if channels_last:
        conv, x = conv.to(memory_format=torch.channels_last), x.to(memory_format=torch.channels_last)
    x.requires_grad_()
    dy = torch.randn_like(conv(x))

    def both():
        x.grad = conv.weight.grad = conv.bias.grad = None
        conv(x).backward(dy)

    return 1000 * best_of(both)


def main():
    torch.set_num_threads(1)
    peak, isa = subprocess.run(["bench_peak", "1"], check=True, text=True,
                               capture_output=True).stdout.split()
    print(f"peak of multiply-adds, one core, {isa}: {peak} GFLOP/s; PyTorch {torch.__version__}")
    print("kernel, side, channels, stride, batch: GFLOP/s of forward, weights, input; ms of all three; "
          "PyTorch's ms, channels last; ratio of the better")
    lines = subprocess.run(["bench_conv"], check=True, text=True, capture_output=True).stdout
    for line in lines.splitlines():
        words = line.split()
        axes, kernel, side, inputs, outputs, stride, batch = map(int, words[:7])
        ours = float(words[10])
        theirs = [peer(axes, kernel, side, inputs, outputs, stride, batch, last)
                  for last in ([False, True] if axes == 2 else [False])]
        print(f"{axes}-D {kernel:2} {side:3} {inputs:4} {outputs:4} {stride} {batch}: "
              f"{words[7]:>6} {words[8]:>6} {words[9]:>6} {ours:9.3f} ms "
              + " ".join(f"{ms:9.2f}" for ms in theirs) + f" {min(theirs) / ours:6.1f}", flush=True)


main()
