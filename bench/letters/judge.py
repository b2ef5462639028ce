"""Reads letters that a machine was asked for, and says how many can be read.

    pip install torch numpy
    python bench/letters/judge.py letters asked.npy

`asked.npy` are images from 0 to 1 of each letter in turn, a to z, as `draw.mjs` writes them. A convolutional network learns
`letters.npz` and halves of two letters as a 27th class, under other linear maps, noise, blur and contrast each time. A letter is legible
when it gives it a probability above 0.9. The ceiling is what it reads of people whom it never saw, the floor what it takes of joined
halves for a letter.
"""

import math
import sys

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

LETTERS = 26
JUNK = LETTERS
SEED = 1
EPOCHS = 12
BATCH = 128

torch.manual_seed(SEED)


def read(path):
    with np.load(path) as arrays:
        return torch.from_numpy(arrays["images"])[:, None], torch.from_numpy(arrays["labels"]).long()


def halves(images, labels):
    """Every image with the lower or the right half of an image of another letter; those without such a partner are left out."""
    other = torch.randperm(len(images))
    keep = labels != labels[other]
    joined, other = images[keep].clone(), images[other][keep]
    upper = torch.rand(len(joined)) < 0.5
    joined[upper, :, 14:] = other[upper, :, 14:]
    joined[~upper, :, :, 14:] = other[~upper, :, :, 14:]
    return joined


def seen(images):
    """Images under a linear map, blurred, with noise, none of them twice the same."""
    count = len(images)
    angle = torch.randn(count) * math.radians(6)
    stretch = torch.exp(torch.randn(count, 2) * 0.1)
    shear = torch.randn(count) * 0.1
    maps = torch.zeros(count, 2, 3)
    maps[:, 0, 0] = stretch[:, 0] * angle.cos()
    maps[:, 0, 1] = shear - angle.sin()
    maps[:, 1, 0] = angle.sin()
    maps[:, 1, 1] = stretch[:, 1] * angle.cos()
    maps[:, :, 2] = torch.randn(count, 2) * 0.05
    moved = F.grid_sample(images, F.affine_grid(maps, images.shape, align_corners=False), align_corners=False)
    width = torch.rand(count, 1, 1, 1) * 0.8 + 0.1
    distance = torch.arange(-2, 3, dtype=torch.float32)
    kernel = torch.exp(-0.5 * (distance / width) ** 2)
    kernel = kernel / kernel.sum(-1, keepdim=True)
    moved = F.conv2d(moved.view(1, count, 28, 28), kernel, padding=(0, 2), groups=count)
    moved = F.conv2d(moved, kernel.transpose(2, 3), padding=(2, 0), groups=count).view(count, 1, 28, 28)
    noise = torch.randn_like(moved) * torch.rand(count, 1, 1, 1) * 0.12
    return (moved * (0.8 + 0.3 * torch.rand(count, 1, 1, 1)) + noise).clamp(0, 1)


def trained(images, labels):
    net = nn.Sequential(
        nn.Conv2d(1, 24, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(24, 48, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Dropout(0.4), nn.Linear(48 * 49, 128), nn.ReLU(), nn.Dropout(0.4), nn.Linear(128, LETTERS + 1),
    )  # fmt: skip
    steps = EPOCHS * math.ceil(len(images) / BATCH)
    optimizer = torch.optim.AdamW(net.parameters(), 1e-3, weight_decay=1e-3)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 3e-3, steps)
    for _ in range(EPOCHS):
        for batch in torch.randperm(len(images)).split(BATCH):
            junk = halves(images[batch], labels[batch])[: BATCH // 3]
            shown = seen(torch.cat([images[batch], junk]))
            truth = torch.cat([labels[batch], torch.full((len(junk),), JUNK)])
            optimizer.zero_grad()
            F.cross_entropy(net(shown), truth).backward()
            optimizer.step()
            schedule.step()
    return net.eval()


def share(right):
    right = right.double()
    return f"{right.mean():.3f} ± {right.std() / math.sqrt(len(right)):.3f}"


name, *files = sys.argv[1:]
images, labels = read(f"{name}.npz")
others, other_labels = read(f"{name}-others.npz")
net = trained(images, labels)


@torch.no_grad()
def probabilities(shown):
    return net(shown).softmax(1)


def legible(shown, asked):
    return probabilities(shown)[torch.arange(len(shown)), asked] > 0.9


def variance(shown, asked):
    """Within a letter, summed over the pixels."""
    return torch.stack([shown[asked == at].var(0).sum() for at in range(LETTERS)]).mean()


def nearest(shown):
    return torch.cdist(shown.flatten(1), images.flatten(1)).min(1).values.median()


def each(right, asked):
    return " ".join(f"{chr(97 + at)} {right[asked == at].double().mean():.2f}" for at in range(LETTERS))


real = legible(others, other_labels)
print("people never seen:", share(real))
print(" ", each(real, other_labels))
print("  most probable:", share(probabilities(others).argmax(1) == other_labels))
print("joined halves, read as a letter:", share(probabilities(halves(others, other_labels))[:, :JUNK].amax(1) > 0.9))
means = torch.stack([images[labels == at].mean(0) for at in range(LETTERS)])
print("mean images of the letters:", share(legible(means, torch.arange(LETTERS))))
print(f"nearest training image of people never seen: {nearest(others):.2f}")
for file in files:
    shown = torch.from_numpy(np.load(file)).float().view(-1, 1, 28, 28)
    asked = torch.arange(len(shown)) % LETTERS
    right = legible(shown, asked)
    within = variance(shown, asked) / variance(others, other_labels)
    print(f"{file}: asked and legible {share(right)}, nearest training image {nearest(shown):.2f}, variance {within:.2f}")
    print(" ", each(right, asked))
