"""Penalised logistic regression that can start from an earlier answer and stand on what is believed already.

Scikit-learn's solvers know no offset, and a grid of weights costs a third of the time when each starts where the last ended.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

Floats = NDArray[np.float64]
ROUNDS = 60
_FEW_PAGES = 200
_PSEUDO_COUNT = 0.05
_MOST = 9.0


def solve(
    matrix: csr_matrix,
    target: NDArray[np.bool_] | Floats,
    weight: Floats,
    C: float,
    *,
    offset: Floats | None = None,
    start: Floats | None = None,
    intercept: bool = True,
    rounds: int = ROUNDS,
) -> Floats:
    """Minimise C * sum(weight * log loss) + |coefficients|^2 / 2 by L-BFGS (Liu and Nocedal 1989).

    `matrix`: shape (n, columns). `target`: truths, or probabilities to come near to, shape (n,). `offset`: log odds that are there already, shape (n,). `start`: an earlier answer.
    Returns the coefficients and, last, the intercept (not penalised; 0 if there is to be none): shape (columns + 1,).
    """
    from scipy.optimize import minimize  # half of a second of a start, for what is done once a round

    wanted = np.asarray(target, np.float64)
    given = np.zeros(len(wanted)) if offset is None else offset
    across = matrix.T.tocsr()
    columns = matrix.shape[1]

    def loss(answer: Floats) -> tuple[float, Floats]:
        coefficients = answer[:-1]
        odds = matrix @ coefficients.astype(matrix.dtype) + answer[-1] + given
        pull = C * weight * (_sigmoid(odds) - wanted)
        slope = np.empty(columns + 1)
        slope[:-1] = across @ pull.astype(matrix.dtype) + coefficients
        slope[-1] = pull.sum() if intercept else 0.0
        penalty = 0.5 * float(coefficients @ coefficients)
        return C * float(weight @ (np.logaddexp(0.0, odds) - wanted * odds)) + penalty, slope

    first = np.zeros(columns + 1) if start is None else start
    options: dict[str, Any] = {"maxiter": rounds, "maxcor": 8, "gtol": 1e-3}
    return np.asarray(minimize(loss, first, jac=True, method="L-BFGS-B", options=options).x, np.float64)


def leverage(
    matrix: csr_matrix, truth: NDArray[np.bool_], weight: Floats, share: float
) -> NDArray[np.float32]:
    """By what to multiply each column before a penalised regression: 1 - share + share * |log ratio of its means|.

    The log-count ratios of naive Bayes (Wang and Manning 2012), softened: a feature that tells the labels apart by itself
    is penalised less, one that is as common in both more. `matrix`: not negative, shape (n, columns). Shape (columns,).
    """
    here, there = float(weight[truth].sum()), float(weight[~truth].sum())
    yes = matrix.T @ (weight * truth).astype(matrix.dtype) + _PSEUDO_COUNT
    no = matrix.T @ (weight * ~truth).astype(matrix.dtype) * (here / max(there, 1e-12)) + _PSEUDO_COUNT
    ratio = np.minimum(np.abs(np.log(yes / no)), _MOST)
    return np.asarray(1.0 - share + share * ratio, np.float32)


def inverse_frequency(matrix: csr_matrix) -> NDArray[np.float32]:
    """Inverse document frequency of the columns of counts; 0 for one of a single page (unless pages are few)."""
    frequency = np.bincount(matrix.indices, minlength=matrix.shape[1])
    idf = np.log((1 + matrix.shape[0]) / (1 + frequency)) + 1
    idf[frequency < (2 if matrix.shape[0] >= _FEW_PAGES else 1)] = 0
    return np.asarray(idf, np.float32)


def _sigmoid(values: Floats) -> Floats:
    return np.asarray(0.5 * (1.0 + np.tanh(0.5 * values)))
