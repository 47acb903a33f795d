"""Scoring chunks on Dask: processes of this machine, or a cluster of others. Nothing else loads Dask."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from classifiers.scan.plan import ScanPlan
from classifiers.scan.records import Chunk
from classifiers.scan.scoring import ChunkResult, score_chunk

if TYPE_CHECKING:
    from classifiers.scan.run import Outcome, Work

_AHEAD = 2
_QUIET = {
    "distributed.worker.profile.enabled": False,
    "distributed.admin.tick.interval": "1s",
    "distributed.admin.system-monitor.interval": "5s",
    "distributed.nanny.pre-spawn-environ.MALLOC_TRIM_THRESHOLD_": 32 * 2**20,
}
"""What a local cluster would otherwise spend on watching itself: a tenth of a core, and memory given back after every page."""
_ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}


def on_dask(plan: ScanPlan, work: Work, scheduler: str, workers: int) -> Iterator[tuple[Chunk, Outcome]]:
    """Chunks with their results or the error that each ended in, as they come.

    At most twice as many chunks as there are threads are under way, so that the scheduler's memory stays flat. The plan goes
    to every worker once. A worker that dies takes its chunk to another; what kills several is given up.
    """
    with _client(scheduler, workers) as client:
        held = client.scatter(plan, broadcast=True, hash=False)
        digest = plan.digest()
        under_way: dict[Any, Chunk] = {}
        finished = _distributed().as_completed(loop=client.loop)
        while True:
            room = _AHEAD * max(1, sum(client.nthreads().values())) - len(under_way)
            for chunk in _some(work, room):
                future = client.submit(score_chunk, chunk, held, digest, pure=False, retries=1)
                under_way[future] = chunk
                finished.add(future)
            if not under_way:
                return
            future = next(finished)
            yield under_way.pop(future), _outcome(future)


def _some(work: Work, most: int) -> Iterator[Chunk]:
    for _ in range(most):
        chunk = work.take()
        if chunk is None:
            return
        yield chunk


def _outcome(future: Any) -> Outcome:
    error = future.exception()
    if error is None:
        result: ChunkResult = future.result()
        return result
    return error if isinstance(error, Exception) else RuntimeError(f"{type(error).__name__}: {error}")


@contextlib.contextmanager
def _client(scheduler: str, workers: int) -> Iterator[Any]:
    dask = _distributed()
    if scheduler:
        with dask.Client(scheduler, set_as_default=False) as client:
            yield client
        return
    with (
        _settings(),
        dask.LocalCluster(
            n_workers=workers,
            threads_per_worker=1,
            processes=True,
            host="127.0.0.1",
            dashboard_address="127.0.0.1:0",
            env=_ONE_THREAD,
            silence_logs=logging.ERROR,  # it warns of every page that keeps a worker busy for seconds
        ) as cluster,
        dask.Client(cluster, set_as_default=False) as client,
    ):
        yield client


def _settings() -> Any:
    import dask

    return dask.config.set(_QUIET)


def _distributed() -> Any:
    import distributed

    return distributed
