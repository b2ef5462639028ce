"""Trains what else learns ten digits with labels, at a given compute, on the images of a demo: a restricted
Boltzmann machine and two small diffusion models. Writes 250 images that were asked for, 25 of each digit in order,
as float32 pixels in [0, 1], shape [250][28][28].

    python -m venv venv
    venv/bin/pip install torch numpy
    venv/bin/python bench/anchors/train.py rbm|layers|unet RUN TFLOP SEED OUT.npy
    node bench/anchors/judge.mjs RUN OUT.npy...

RUN is the folder of `nlm demo`, for its training images. Compute is that of the training's products, as
`nlm demo` counts its own: two operations for a multiplication and an addition.
"""

import gzip
import json
import math
import sys
from pathlib import Path

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.flop_counter import FlopCounterMode

EACH = 25
MNIST = Path(__file__).parents[2] / "packages/mnist/data"


def read_idx(name, header):
    with gzip.open(MNIST / name) as file:
        return np.frombuffer(file.read(), np.uint8, offset=header)


def learned(run):
    """Pixels in [0, 1], shape [P][784], and labels of the images that a run learned."""
    places = json.loads((Path(run) / "split.json").read_text())["training"]
    pixels = read_idx("train-images-idx3-ubyte.gz", 16).reshape(-1, 784)[places]
    labels = read_idx("train-labels-idx1-ubyte.gz", 8)[places]
    return torch.tensor(pixels / 255.0, dtype=torch.float32), torch.tensor(labels.astype(np.int64))


def rbm(pixels, labels, budget, hidden=500, copies=10, chains=48, steps=10, restart=250, rate=1e-3):
    """Binary units; ten label units in `copies` copies, free in training's chains, clamped to ask; PCD-10 and Adam with
    a rate that falls linearly to 0. Chains begin again in turn from the mean of the data, as the demo's do."""
    seen = torch.cat([pixels, F.one_hot(labels, 10).float().repeat(1, copies)], 1)
    visible = seen.shape[1]
    mean = seen.mean(0).clamp(0.01, 0.99)
    weights = (0.01 * torch.randn(visible, hidden)).requires_grad_()
    a = torch.log(mean / (1 - mean)).requires_grad_()
    b = torch.zeros(hidden).requires_grad_()
    # Per update: two products for each step, two for hidden means, two for their correlations.
    updates = int(budget / (2 * visible * hidden * chains * (2 * steps + 4)))
    optimizer = torch.optim.Adam([weights, a, b], lr=rate)
    v = torch.bernoulli(mean.expand(chains, -1))

    def sweep(v, clamp=None):
        h = torch.bernoulli(torch.sigmoid(v @ weights + b))
        p = torch.sigmoid(h @ weights.T + a)
        v = torch.bernoulli(p)
        if clamp is not None:
            v[:, 784:] = clamp
        return v, p

    with torch.no_grad():
        for update in range(updates):
            data = torch.bernoulli(seen[torch.randint(len(seen), (chains,))])
            for at in range(update * chains // restart, (update + 1) * chains // restart):
                v[at % chains] = torch.bernoulli(mean)
            for _ in range(steps):
                v, _p = sweep(v)
            up, down = torch.sigmoid(data @ weights + b), torch.sigmoid(v @ weights + b)
            weights.grad = (v.T @ down - data.T @ up) / chains
            a.grad = (v - data).mean(0)
            b.grad = (down - up).mean(0)
            optimizer.param_groups[0]["lr"] = rate * (1 - update / updates)
            optimizer.step()
        asked = torch.arange(10).repeat_interleave(EACH)
        clamp = F.one_hot(asked, 10).float().repeat(1, copies)
        v = torch.bernoulli(mean.expand(len(asked), -1))
        v[:, 784:] = clamp
        # As many steps as the demo takes to draw what is asked for; shown are the pixels' probabilities.
        for _ in range(600):
            v, p = sweep(v, clamp)
    return p[:, :784]


class Block(nn.Module):
    """Two convolutions with what the step and the label say, and the input added."""

    def __init__(self, channels_in, channels, context):
        super().__init__()
        self.first = nn.Conv2d(channels_in, channels, 3, padding=1)
        self.second = nn.Conv2d(channels, channels, 3, padding=1)
        self.norms = nn.ModuleList([nn.GroupNorm(4, channels_in), nn.GroupNorm(4, channels)])
        self.context = nn.Linear(context, channels)
        self.through = nn.Conv2d(channels_in, channels, 1) if channels_in != channels else nn.Identity()

    def forward(self, x, context):
        h = self.first(F.silu(self.norms[0](x))) + self.context(context)[:, :, None, None]
        return self.through(x) + self.second(F.silu(self.norms[1](h)))


class Context(nn.Module):
    """What a denoiser is told beside the image: how much noise there is, and the label."""

    def __init__(self, size):
        super().__init__()
        self.label = nn.Embedding(10, size)
        self.step = nn.Sequential(nn.Linear(64, size), nn.SiLU(), nn.Linear(size, size))

    def forward(self, t, label):
        frequencies = torch.exp(-math.log(1e4) * torch.arange(32) / 32)
        angle = t[:, None] * frequencies
        return F.silu(self.step(torch.cat([angle.sin(), angle.cos()], 1)) + self.label(label))


class Layers(nn.Module):
    """Three layers of 512 units, each of which sees the context."""

    def __init__(self, width=512, context=64):
        super().__init__()
        self.context = Context(context)
        self.layers = nn.ModuleList([nn.Linear(784, width), nn.Linear(width, width), nn.Linear(width, width)])
        self.told = nn.ModuleList([nn.Linear(context, width) for _ in self.layers])
        self.leave = nn.Linear(width, 784)

    def forward(self, x, t, label):
        context = self.context(t, label)
        h = x.reshape(-1, 784)
        for layer, told in zip(self.layers, self.told):
            h = F.silu(layer(h) + told(context))
        return self.leave(h).reshape(x.shape)


class UNet(nn.Module):
    """Three levels of convolutions, at 28, 14 and 7 pixels."""

    def __init__(self, width=8, context=64):
        super().__init__()
        w = [width, 2 * width, 4 * width]
        self.context = Context(context)
        self.enter = nn.Conv2d(1, w[0], 3, padding=1)
        self.down = nn.ModuleList([Block(w[0], w[0], context), Block(w[0], w[1], context), Block(w[1], w[2], context)])
        self.middle = Block(w[2], w[2], context)
        self.up = nn.ModuleList([Block(2 * w[2], w[1], context), Block(2 * w[1], w[0], context), Block(2 * w[0], w[0], context)])
        self.leave = nn.Conv2d(w[0], 1, 3, padding=1)

    def forward(self, x, t, label):
        context = self.context(t, label)
        x = self.enter(x)
        kept = []
        for level, block in enumerate(self.down):
            x = block(x, context)
            kept.append(x)
            if level < 2:
                x = F.avg_pool2d(x, 2)
        x = self.middle(x, context)
        for level, block in enumerate(self.up):
            if level > 0:
                x = F.interpolate(x, scale_factor=2)
            x = block(torch.cat([x, kept[2 - level]], 1), context)
        return self.leave(x)


def diffusion(pixels, labels, budget, kind, batch=48, levels=400, rate=2e-3):
    """Denoising diffusion (Ho et al. 2020) that predicts the velocity √ā ε − √(1 − ā) x (Salimans & Ho 2022), with a cosine
    schedule and averaged parameters; Adam with a rate that falls linearly to 0; asked for by the label."""
    images = (2 * pixels - 1).reshape(-1, 1, 28, 28)
    model = kind()
    average = kind()
    average.load_state_dict(model.state_dict())
    at = torch.arange(levels + 1) / levels
    kept = torch.cos((at + 0.008) / 1.008 * math.pi / 2) ** 2
    beta = (1 - kept[1:] / kept[:-1]).clamp(max=0.999)
    kept = torch.cumprod(1 - beta, 0)
    optimizer = torch.optim.Adam(model.parameters(), lr=rate)

    def loss():
        pick = torch.randint(len(images), (batch,))
        t = torch.randint(levels, (batch,))
        noise = torch.randn(batch, 1, 28, 28)
        share = kept[t][:, None, None, None]
        clean = images[pick]
        seen = share.sqrt() * clean + (1 - share).sqrt() * noise
        return F.mse_loss(model(seen, t, labels[pick]), share.sqrt() * noise - (1 - share).sqrt() * clean)

    with FlopCounterMode(display=False) as counter:
        loss().backward()
    updates = int(budget / counter.get_total_flops())
    for update in range(updates):
        optimizer.zero_grad()
        loss().backward()
        optimizer.param_groups[0]["lr"] = rate * (1 - update / updates)
        optimizer.step()
        with torch.no_grad():
            for mean, now in zip(average.parameters(), model.parameters()):
                mean.lerp_(now, 1 if update < updates // 4 else 0.01)
    print(f"{updates} updates, {sum(p.numel() for p in model.parameters())} parameters", file=sys.stderr)
    asked = torch.arange(10).repeat_interleave(EACH)
    with torch.no_grad():
        x = torch.randn(len(asked), 1, 28, 28)
        for t in reversed(range(levels)):
            velocity = average(x, torch.full((len(asked),), t), asked)
            clean = (kept[t].sqrt() * x - (1 - kept[t]).sqrt() * velocity).clamp(-1, 1)
            if t == 0:
                return (clean.reshape(-1, 784) + 1) / 2
            # The posterior of the level below, given the clean image that is guessed.
            before = kept[t - 1]
            mean = (before.sqrt() * beta[t] * clean + (1 - beta[t]).sqrt() * (1 - before) * x) / (1 - kept[t])
            x = mean + (beta[t] * (1 - before) / (1 - kept[t])).sqrt() * torch.randn_like(x)


if __name__ == "__main__":
    denoisers = {"layers": Layers, "unet": UNet}
    if len(sys.argv) != 6 or sys.argv[1] not in ("rbm", *denoisers):
        sys.exit(__doc__)
    kind, run, tflop, seed, out = sys.argv[1:]
    torch.manual_seed(int(seed))
    data, budget = learned(run), float(tflop) * 1e12
    images = rbm(*data, budget) if kind == "rbm" else diffusion(*data, budget, denoisers[kind])
    np.save(out, images.reshape(-1, 28, 28).numpy().astype(np.float32))
