"""How many test digits of MNIST a machine of pixels and label units can name at best, by the energies of its labels.

With pixels p and label units l, E = ½‖v_p‖² + ½‖v_l‖², v_p = J_pp φ_p + J_pl φ_l + b_p − x_p and likewise v_l. Where
the labels take a few fixed states, E(p, l) = f(p) + w_l·(φ_p, x_p) + c_l: the square of J_pl φ_l depends on the label
alone, and so does everything that is not a product with the pixels. p(l | p) ∝ e^(−E/T) is therefore a multinomial
logistic regression on (φ_p, x_p), and none of this form names more than the best of them. With kinds of a label, found
by k-means, a digit has the sum of the probabilities of its kinds.

    python -m venv venv
    venv/bin/pip install numpy scikit-learn
    venv/bin/python bench/anchors/labels.py

Prints CSV: training images, kinds of each label, inverse penalty C, share of the 10 000 test images named right. The
best C is chosen with the test images, so the shares lean to the high side, as a bound may.
"""

import gzip
from pathlib import Path

import numpy as np
from sklearn.cluster import KMeans
from sklearn.linear_model import LogisticRegression

MNIST = Path(__file__).parents[2] / "packages/mnist/data"


def read(part):
    """Features (φ, x/2) of the images of a part, and their labels; x is halved to be of the size of φ."""
    with gzip.open(MNIST / f"{part}-images-idx3-ubyte.gz") as file:
        pixels = np.frombuffer(file.read(), np.uint8, offset=16).reshape(-1, 784)
    with gzip.open(MNIST / f"{part}-labels-idx1-ubyte.gz") as file:
        labels = np.frombuffer(file.read(), np.uint8, offset=8)
    rates = np.clip(2 * (pixels / 255.0) - 1, -0.97, 0.97)
    return np.hstack([rates, np.arctanh(rates) / 2]).astype(np.float32), labels


def kinds_of(features, labels, kinds):
    """The kind of each image, from 0 to 10·kinds − 1, the kinds of a digit side by side."""
    found = np.zeros(len(labels), int)
    for digit in range(10):
        own = labels == digit
        means = KMeans(kinds, n_init=3, random_state=0)
        found[own] = digit * kinds + means.fit_predict(features[own, :784])
    return found


features, labels = read("train")
test_features, test_labels = read("t10k")
print("images,kinds,C,right")
for images, kinds, penalties in [
    *((9000, kinds, (1e-3, 1e-2, 1e-1)) for kinds in (1, 2, 4)),
    *((60000, kinds, (3e-3,)) for kinds in (1, 2, 4, 8)),
]:
    learned = features[:images]
    targets = kinds_of(learned, labels[:images], kinds)
    for penalty in penalties:
        model = LogisticRegression(C=penalty, max_iter=200).fit(learned, targets)
        shares = model.predict_proba(test_features).reshape(-1, 10, kinds).sum(2)
        right = (shares.argmax(1) == test_labels).mean()
        print(f"{images},{kinds},{penalty},{right:.4f}", flush=True)
