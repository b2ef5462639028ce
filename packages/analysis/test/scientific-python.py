"""Answers of NumPy, SciPy and scikit-learn to the questions on standard input, as JSON."""

import json
import sys

import numpy as np
from scipy import ndimage, optimize, stats
from sklearn.decomposition import PCA
from sklearn.neighbors import KNeighborsClassifier, NearestNeighbors

given = {name: np.array(value) for name, value in json.load(sys.stdin).items()}
real, generated = given["real"], given["generated"]


def scale_reduction(chains):
    n = chains.shape[1]
    within = chains.var(axis=1, ddof=1).mean()
    return np.sqrt((n - 1) / n + chains.mean(axis=1).var(ddof=1) / within)


def rank_normalise(chains):
    ranks = stats.rankdata(chains, method="average").reshape(chains.shape)
    return stats.norm.ppf((ranks - 3 / 8) / (chains.size + 1 / 4))


def neighbours(queries, references, k):
    return NearestNeighbors(n_neighbors=k, algorithm="brute").fit(references).kneighbors(queries)


distances, indices = neighbours(generated, real, 2)
pca = PCA(n_components=3, svd_solver="full").fit(real)
signs = np.sign([row[np.argmax(np.abs(row))] for row in pca.components_])
eigenvalues = np.linalg.eigvals(given["matrix"])
chains = given["chains"]
half = chains.shape[1] // 2
split = np.concatenate([chains[:, :half], chains[:, -half:]])
centred = chains[0] - chains[0].mean()
J, bias = given["matrix"], given["bias"]
fixed = optimize.root(lambda x: -x + J @ np.tanh(x) + bias, given["start"], tol=1e-13)
jacobian = -np.eye(len(J)) + J * (1 - np.tanh(fixed.x) ** 2)
patterns = given["patterns"].T
projection = patterns @ np.linalg.pinv(patterns)
np.fill_diagonal(projection, 0)
real_own, generated_own = (neighbours(a, a, 2)[0][:, 1] for a in (real, generated))
shares = [
    np.mean(real_own < neighbours(real, generated, 1)[0][:, 0]),
    np.mean(generated_own < distances[:, 0]),
]

answers = {
    "indices": indices,
    "distances": distances,
    "shares": shares,
    "memorised": np.mean(distances[:, 0] / distances[:, 1] < 1 / 3),
    "covarianceError": np.mean((np.cov(real.T) - np.cov(generated.T)) ** 2),
    "variances": pca.explained_variance_,
    "components": pca.components_ * signs[:, None],
    "coordinates": pca.transform(generated) * signs,
    "classes": KNeighborsClassifier(5, algorithm="brute").fit(real, given["labels"]).predict(generated),
    "eigenvalues": [[value.real, value.imag] for value in eigenvalues],
    "autocovariance": np.correlate(centred, centred, "full")[len(centred) - 1 :] / len(centred),
    "quantiles": stats.norm.ppf(given["probabilities"]),
    "rhatBulk": scale_reduction(rank_normalise(split)),
    "rhatTail": scale_reduction(rank_normalise(np.abs(split - np.median(split)))),
    "fixedPoint": fixed.x,
    "largestRate": np.linalg.eigvals(jacobian).real.max(),
    "projection": projection,
    "median": ndimage.median_filter(given["image"], size=3, mode="nearest"),
}
json.dump({name: np.asarray(value).tolist() for name, value in answers.items()}, sys.stdout)
