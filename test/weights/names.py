#!/usr/bin/env python3
"""The names and shapes of the state dicts of torchvision's models, for test_names.c.

    python3 test/weights/names.py > test/weights/names.txt

A line a tensor: model, name, shape. Counts of batches (num_batches_tracked) are left out.
"""
import torch
import torchvision

MODELS = ["alexnet", "vgg11", "vgg11_bn", "vgg13", "vgg16", "vgg19", "resnet18", "resnet34", "resnet50"]

for model in MODELS:
    with torch.device("meta"):  # shapes without numbers
        state = getattr(torchvision.models, model)().state_dict()
    for name, tensor in state.items():
        if not name.endswith("num_batches_tracked"):
            print(model, name, "[" + ", ".join(str(n) for n in tensor.shape) + "]")
