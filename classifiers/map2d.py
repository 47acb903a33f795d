"""A map of finds: each a point, those that are alike near each other.

t-SNE (van der Maaten and Hinton 2008) over the neighbour graph of the rows, with two shortcuts: the pull between
neighbours is their similarity itself, and the push of all points on all is interpolated on a grid and convolved by
FFT (Linderman and others 2019, "FIt-SNE"). Time grows with the number of points, not its square.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.fft import irfft2, rfft2
from scipy.sparse import csr_matrix, diags

from classifiers.cluster_graph import Floats, nearest_neighbours

_NEIGHBOURS = 15
_HELD = 0.8
_EARLY, _LATE = 100, 300
_EXAGGERATION = 12.0
_CELLS = 256
_FINEST = 0.25
_SPAN_STEPS = 1.1
_MARGIN = 0.02


class _Attraction(NamedTuple):
    """Symmetric weights that sum to 1, as an edge list: `weight[e]` between `one[e]` and `other[e]`."""

    one: NDArray[np.int64]
    other: NDArray[np.int64]
    weight: Floats


def layout(rows: csr_matrix, seed: int, previous: Mapping[int, tuple[float, float]] | None = None) -> Floats:
    """Positions on the map, shape (n, 2), in [0, 1]. The same rows, seed and previous positions give the same map.

    `rows`: what `novelty.vectorise` made of the finds. `previous`: positions known from an earlier map, by the
    place of the row. Where four in five rows have one, these stay where they are, and each new point goes among
    those that it is like. Otherwise the map is made anew, starting from the known positions and turned to fit them.
    """
    known = {place: xy for place, xy in (previous or {}).items() if 0 <= place < rows.shape[0]}
    n = rows.shape[0]
    random = np.random.default_rng(seed)
    if n and len(known) >= _HELD * n:
        return _placed(rows, known, random)
    if n < 4:
        return np.column_stack([(np.arange(n) + 0.5) / max(n, 1), np.full(n, 0.5)])
    near = nearest_neighbours(rows, min(_NEIGHBOURS, max(5, round(n**0.5))))
    linked = np.diff(near.indptr) > 0
    answer = np.empty((n, 2))
    answer[~linked] = _on_the_rim(int((~linked).sum()), random)
    if linked.any():
        inner = near[linked][:, linked]
        places = np.flatnonzero(linked)
        start = {i: known[int(place)] for i, place in enumerate(places) if int(place) in known}
        answer[linked] = _fitted(_arranged(inner, start, random), start)
    return answer


def join(rows: csr_matrix, previous: Mapping[int, tuple[float, float]], seed: int) -> Floats:
    """As `layout`, but nothing that has a position moves, however few have one: what a single new find needs, and cheap.

    Each row without a position goes among those that it is like, or to the rim.
    """
    known = {place: xy for place, xy in previous.items() if 0 <= place < rows.shape[0]}
    return _placed(rows, known, np.random.default_rng(seed)) if known else layout(rows, seed)


def _arranged(
    near: csr_matrix, known: Mapping[int, tuple[float, float]], random: np.random.Generator
) -> Floats:
    """Gradient descent with momentum and gains (van der Maaten 2014), first with the pull exaggerated."""
    points = _start(near, known, random)
    attraction = _attraction(near)
    step = max(len(points) / _EXAGGERATION, 1.0)
    velocity = np.zeros_like(points)
    gains = np.ones_like(points)
    for turn in range(_EARLY + _LATE):
        early = turn < _EARLY
        slope = _pull(points, attraction) * (_EXAGGERATION if early else 1.0) - _push(points)
        gains = np.maximum(np.where(slope * velocity < 0, gains + 0.2, gains * 0.8), 0.01)
        velocity = (0.5 if early else 0.8) * velocity - 4.0 * step * gains * slope
        points = points + velocity
        points -= points.mean(axis=0)
    return points


def _attraction(near: csr_matrix) -> _Attraction:
    share = diags(1.0 / np.maximum(np.asarray(near.sum(axis=1), np.float64).ravel(), 1e-12)) @ near
    both = (share + share.T).tocoo()
    return _Attraction(both.row.astype(np.int64), both.col.astype(np.int64), both.data / both.data.sum())


def _start(near: csr_matrix, known: Mapping[int, tuple[float, float]], random: np.random.Generator) -> Floats:
    """Small positions to begin from: the graph's slowest ways to mix, or the known positions and means of neighbours."""
    n = near.shape[0]
    both = near + near.T
    walk = diags(1.0 / np.asarray(both.sum(axis=1), np.float64).ravel()) @ both
    points = random.normal(size=(n, 2))
    if known:
        held = np.array(sorted(known))
        fixed = np.array([known[int(place)] for place in held], np.float64) - 0.5
        points *= 0.01
    for _ in range(60):
        points = walk @ points
        if known:
            points[held] = fixed
        else:
            points, _ = np.linalg.qr(points - points.mean(axis=0))
    return np.asarray(points / max(float(points.std()), 1e-12) * 1e-2)


def _pull(points: Floats, edges: _Attraction) -> Floats:
    apart = points[edges.one] - points[edges.other]
    weight = edges.weight / (1.0 + (apart**2).sum(axis=1))
    return np.column_stack([np.bincount(edges.one, weight * apart[:, axis], len(points)) for axis in (0, 1)])


def _push(points: Floats) -> Floats:
    """The gradient's other half, sum_j q_ij (y_i - y_j) / (1 + d_ij^2) with q normalised, from a grid of charges."""
    low = points.min(axis=0)
    # Spans are rounded up in steps of a tenth, so that the kernels of the last turn mostly serve again.
    span = _SPAN_STEPS ** float(np.ceil(np.log(np.ptp(points, axis=0).max() + 1e-9) / np.log(_SPAN_STEPS)))
    cells = int(np.clip(np.ceil(span / _FINEST), 16, _CELLS))
    pitch = span / (cells - 2)
    at = (points - low) / pitch
    corner = np.minimum(at.astype(np.int64), cells - 2)
    part = at - corner
    places = [(corner[:, 0] + i) * cells + corner[:, 1] + j for i in (0, 1) for j in (0, 1)]
    shares = [np.abs(1 - i - part[:, 0]) * np.abs(1 - j - part[:, 1]) for i in (0, 1) for j in (0, 1)]
    ones = np.ones(len(points))
    kernel = _kernels(cells, pitch)
    size = 2 * cells

    def spread(charge: Floats) -> NDArray[np.complex128]:
        grid = sum(
            np.bincount(place, share * charge, cells * cells)
            for place, share in zip(places, shares, strict=True)
        )
        return np.asarray(rfft2(np.reshape(grid, (cells, cells)), (size, size)))

    def felt(spectrum: NDArray[np.complex128]) -> Floats:
        grid = irfft2(spectrum, (size, size))[:cells, :cells].ravel()
        return np.asarray(sum(share * grid[place] for place, share in zip(places, shares, strict=True)))

    charge = spread(ones)
    total = float(felt(charge * kernel[0]).sum()) - len(points)
    force = np.column_stack([felt(charge * kernel[1]), felt(charge * kernel[2])])
    return force / max(total, 1e-12)


@lru_cache(maxsize=1)
def _kernels(cells: int, pitch: float) -> list[NDArray[np.complex128]]:
    """Spectra of 1 / (1 + d^2), and of x and y times its square, on a grid that wraps around."""
    steps = np.minimum(np.arange(2 * cells), 2 * cells - np.arange(2 * cells)) * pitch
    signed = np.where(np.arange(2 * cells) <= cells, steps, -steps)
    near = 1.0 / (1.0 + steps[:, None] ** 2 + steps[None, :] ** 2)
    return [np.asarray(rfft2(each)) for each in (near, near**2 * signed[:, None], near**2 * signed[None, :])]


def _fitted(points: Floats, known: Mapping[int, tuple[float, float]]) -> Floats:
    """Turned and mirrored to lie best on the known positions (Procrustes), then scaled to the unit square."""
    if len(known) > 2:
        held = np.array(sorted(known))
        target = np.array([known[int(place)] for place in held], np.float64)
        left, _, right = np.linalg.svd(
            (points[held] - points[held].mean(axis=0)).T @ (target - target.mean(axis=0))
        )
        points = points @ (left @ right)
    low, high = points.min(axis=0), points.max(axis=0)
    scale = (1 - 2 * _MARGIN) / max(float((high - low).max()), 1e-12)
    return np.asarray((points - (low + high) / 2) * scale + 0.5)


def _placed(
    rows: csr_matrix, known: Mapping[int, tuple[float, float]], random: np.random.Generator
) -> Floats:
    """Known positions as they are; each new point at the mean of its five nearest, weighted by similarity squared."""
    answer = np.empty((rows.shape[0], 2))
    held = np.array(sorted(known), np.int64)
    answer[held] = [known[int(place)] for place in held]
    new = np.setdiff1d(np.arange(rows.shape[0]), held)
    nudge = random.normal(scale=0.004, size=(len(new), 2))
    rim = _on_the_rim(len(new), random)
    there = rows[held]
    for turn, place in enumerate(new):
        near = np.asarray(there @ rows[place].toarray().ravel(), np.float64)
        best = np.lexsort((held, -near))[:5]
        weight = near[best] ** 2
        if weight.sum() > 0:
            answer[place] = np.clip(weight @ answer[held[best]] / weight.sum() + nudge[turn], 0, 1)
        else:
            answer[place] = rim[turn]
    return answer


def _on_the_rim(count: int, random: np.random.Generator) -> Floats:
    """Where points go that are like nothing else: along the border of the square."""
    along = random.uniform(0, 4, size=count)
    side, part = along.astype(np.int64), along % 1
    edge = np.where(side % 2 == 0, 0.0, 1.0)
    return np.where((side < 2)[:, None], np.column_stack([part, edge]), np.column_stack([edge, part]))
