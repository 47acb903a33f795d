"""What Prometheus reads: how long requests took in this process (or in all of them that share a folder), and figures of the instance."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Iterator

from flask import Flask, Response, g, request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from btm.services.views_operations import FiguresView, PartView

MIME_TYPE = CONTENT_TYPE_LATEST
OF_PROCESS = CollectorRegistry()
SECONDS = Histogram(
    "btm_http_request_seconds",
    "How long requests took, by endpoint, method and class of status.",
    ("endpoint", "method", "status"),
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
    registry=OF_PROCESS,
)
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
SHARED = "PROMETHEUS_MULTIPROC_DIR"


def register_metrics(app: Flask) -> None:
    """Take the time of every request."""
    app.before_request(_start)
    app.after_request(_observe)


def _start() -> None:
    g.started = time.perf_counter()


def _observe(response: Response) -> Response:
    started = g.get("started")
    if started is not None:
        method = request.method if request.method in METHODS else "other"
        labels = (request.endpoint or "none", method, f"{response.status_code // 100}xx")
        SECONDS.labels(*labels).observe(time.perf_counter() - started)
    return response


def exposition(figures: FiguresView | None, parts: Iterable[PartView]) -> bytes:
    """Everything as text. Without figures (no database) there are still the parts and the times."""
    registry = CollectorRegistry()
    if os.environ.get(SHARED):
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        times = generate_latest(registry)
    else:
        times = generate_latest(OF_PROCESS)
    of_instance = CollectorRegistry()
    of_instance.register(_Instance(figures, tuple(parts)))
    return times + generate_latest(of_instance)


class _Instance(Collector):
    def __init__(self, figures: FiguresView | None, parts: tuple[PartView, ...]) -> None:
        self._figures, self._parts = figures, parts

    def collect(self) -> Iterator[Metric]:
        """See prometheus_client."""
        yield _by(
            "btm_part_up", "Whether a part can do its work.", "part", {p.name: p.is_well for p in self._parts}
        )
        if self._figures is not None:
            yield from _of_game(self._figures)
            yield from _of_judges(self._figures)


def _of_game(figures: FiguresView) -> Iterator[Metric]:
    yield _one("btm_workers", "Worker processes seen lately.", len(figures.workers))
    yield _one(
        "btm_queue_pages", "Submissions that wait for a worker or are with one.", figures.pages_waiting
    )
    yield _one("btm_queue_oldest_seconds", "Age of the oldest of them.", figures.oldest_page)
    yield _one("btm_review_open", "Pages that wait for judges.", figures.items_open)
    yield _one("btm_review_to_settle", "Judged pages that wait to be settled.", figures.items_to_settle)
    if figures.next_deadline is not None:
        yield _one(
            "btm_review_next_deadline_seconds",
            "Time to the first deadline of a verdict.",
            figures.next_deadline,
        )
    yield _by("btm_submissions", "Submissions by state.", "state", figures.states)
    yield _by("btm_recent_fetches", "How the newest 1000 submissions fared.", "outcome", figures.fetched)
    if figures.verdicts is not None:
        quantiles = {"0.5": figures.verdicts[0], "0.95": figures.verdicts[1]}
        yield _by("btm_verdict_seconds", "From commit to verdict, of the newest 1000.", "quantile", quantiles)
    yield _by(
        "btm_points",
        "Points: left in budgets, reserved, earned ever, paid out ever.",
        "where",
        figures.points,
    )
    yield _by("btm_tasks", "Long work that waits or runs, or failed in the last day.", "state", figures.tasks)


def _of_judges(figures: FiguresView) -> Iterator[Metric]:
    yield _by("btm_judges", "Judges of all topics by standing.", "state", figures.judges)
    accuracy = {topic: mean for topic, mean, _ in figures.quality}
    measured = {topic: count for topic, _, count in figures.quality}
    yield _by("btm_judge_accuracy", "Mean share of right answers of the active judges.", "topic", accuracy)
    yield _by("btm_judges_measured", "How many judges that mean is of.", "topic", measured)


def _one(name: str, words: str, value: float) -> Metric:
    return GaugeMetricFamily(name, words, value=value)


def _by(
    name: str, words: str, label: str, values: dict[str, int] | dict[str, float] | dict[str, bool]
) -> Metric:
    family = GaugeMetricFamily(name, words, labels=[label])
    for key, value in values.items():
        family.add_metric([key], float(value))
    return family
