"""Makes images of handwritten letters, a to z, as `nlm train --data` reads them.

    git clone https://github.com/brendenlake/omniglot
    unzip omniglot/python/images_background_small1.zip
    pip install numpy pillow
    python bench/letters/make.py images_background_small1/Latin letters

Omniglot (MIT licence) has each letter once by each of 20 people. Of 16 of them every letter is drawn 24 times, each time
turned, sheared and stretched a little, with thickened strokes, and placed as MNIST's digits are: in a box of 20 pixels, its
centre of mass in the middle of 28. These are `letters.npz`. The letters of the other four people, each drawn 10 times,
are `letters-others.npz`. Both have `images`, float32 from 0 to 1, shape (n, 28, 28), and `labels`, 0 for a to 25 for z.
"""

import math
import sys
from pathlib import Path

import numpy as np
from PIL import Image, ImageFilter

SEED = 1
OTHERS = 4


def drawn(image, rng):
    """The letter under a random linear map, as a 28×28 image from 0 to 1."""
    angle = rng.normal(0, math.radians(5))
    shear = rng.normal(0, 0.1)
    stretch = np.exp(rng.normal(0, 0.08, 2))
    turn = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    inverse = np.linalg.inv(turn @ np.array([[1, shear], [0, 1]]) @ np.diag(stretch))
    middle = np.array([80, 80])
    offset = np.array([52, 52]) - inverse @ middle
    (a, b), (d, e) = inverse
    coefficients = (a, b, offset[0], d, e, offset[1])
    strokes = Image.eval(image.convert("L"), lambda value: 255 - value)
    large = strokes.transform((160, 160), Image.Transform.AFFINE, coefficients, Image.Resampling.BILINEAR)
    large = large.crop(large.getbbox())
    # A stroke is about a tenth of the letter's size, as in MNIST.
    size = max(large.size)
    width = max(3, 2 * round(size * rng.uniform(0.035, 0.06)) + 1)
    canvas = Image.new("L", (large.width + 2 * width, large.height + 2 * width))
    canvas.paste(large, (width, width))
    thick = canvas.filter(ImageFilter.MaxFilter(width - 2)).filter(ImageFilter.GaussianBlur(width / 6))
    thick = thick.crop(thick.getbbox())
    scale = 20 / max(thick.size)
    small = thick.resize([max(1, round(side * scale)) for side in thick.size], Image.Resampling.BOX)
    pixels = np.asarray(small, np.float32) / 255
    pixels = np.minimum(pixels * 1.15, 1)
    rows, columns = np.indices(pixels.shape)
    mass = pixels.sum()
    top = round(13.5 - (rows * pixels).sum() / mass)
    left = round(13.5 - (columns * pixels).sum() / mass)
    top = min(max(top, 0), 28 - pixels.shape[0])
    left = min(max(left, 0), 28 - pixels.shape[1])
    placed = np.zeros((28, 28), np.float32)
    placed[top : top + pixels.shape[0], left : left + pixels.shape[1]] = pixels
    return placed


def save(path, letters, people, times, rng):
    images = []
    labels = []
    for _ in range(times):
        for label, folder in enumerate(letters):
            for file in sorted(folder.glob("*.png"))[people]:
                images.append(drawn(Image.open(file), rng))
                labels.append(label)
    order = rng.permutation(len(images))
    np.savez_compressed(path, images=np.stack(images)[order], labels=np.array(labels, np.int32)[order])
    print(f"{path}: {len(images)} images")


source, target = sys.argv[1:]
letters = sorted(Path(source).glob("character*"))
if len(letters) != 26:
    sys.exit(f"{source} has {len(letters)} folders character01, character02 and so on. The Latin alphabet has 26.")
rng = np.random.default_rng(SEED)
save(f"{target}.npz", letters, slice(OTHERS, None), 24, rng)
save(f"{target}-others.npz", letters, slice(OTHERS), 10, rng)
