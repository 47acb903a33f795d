"""Score a crawl with a challenge's machine and its known unknowns."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.sparse import csr_matrix

from btm.pages.reasons import ReadFailed
from btm.rules.errors import Conflict, Invalid
from btm.services import memory
from btm.services.corpus_views import get_corpus
from btm.services.crawled import OPEN_MACHINE, READ_PAGE, read_whole
from btm.services.finding import get_machine
from btm.services.scanning import ALONE, Candidate, Scanned
from btm.services.unsubmitted import Progress
from btm.store import pool
from btm.store.tables_challenges import DbChallenge
from btm.store.transaction import Session, reading
from classifiers.errors import MachineError
from classifiers.scan import run
from classifiers.scan.checkpoint import ScanMismatch
from classifiers.scan.plan import Known, Loader, ScanPlan
from classifiers.scan.records import Record, SourceRefused
from classifiers.scan.sources import CHUNK_BYTES, read_at
from classifiers.scan.suspects import Suspect

MOST_PROBES = 100_000
KNOWN, BEGUN = "known.npz", "scan.json"


@dataclass(frozen=True, slots=True)
class Where:
    """The places of this instance: snapshots (as btm.pages.snapshot.open_snapshots takes it), unpacked machines, and the states of
    scans."""

    snapshots: str
    machines: Path
    scans: Path


def scan_crawl(
    slug: str,
    sources: Sequence[str],
    *,
    where: Where,
    asker_id: int | None,
    state: Path | None = None,
    fresh: bool = False,
    workers: int | None = None,
    scheduler: str = "",
    suspects: int = 100,
    chunk_bytes: int = CHUNK_BYTES,
    progress: Progress | None = None,
) -> Scanned:
    """Scan a crawl, or go on with a scan of it that was interrupted.

    state: the folder of the scan, by default one that follows from challenge, machine and sources. What the scan knows of errors is
    kept there when it begins, so that verdicts of the meantime do not make it another scan; fresh: forget that and begin anew.
    Raises NotFound, Forbidden, Invalid (field `sources` or `state`), and Conflict (`scan_failed`, `machine_away`).
    """
    with reading() as session:
        challenge = get_corpus(session, slug, asker_id)
        folder = state or where.scans / _digest(challenge, sources)
        if fresh:
            _forget(folder)
        known = _kept(folder) or _known(session, challenge)
    plan = _plan(challenge, where, known, suspects)
    try:
        _keep(folder, known)
        report = run.scan(
            plan, sources, folder, workers=workers, scheduler=scheduler, chunk_bytes=chunk_bytes,
            on_progress=_teller(progress),
        )  # fmt: skip
    except SourceRefused as error:
        raise Invalid(str(error), field="sources") from error
    except (ScanMismatch, OSError) as error:
        raise Invalid(
            f"{error} --fresh begins anew." if isinstance(error, ScanMismatch) else str(error), field="state"
        ) from error
    except run.ScanFailed as error:
        raise Conflict(f"{error}. What was finished is kept; go on later.", code="scan_failed") from error
    except (MachineError, ImportError) as error:
        raise Conflict(str(error), code="machine_away") from error
    return Scanned(slug, tuple(sources), get_machine(challenge).id, report.summary, report.failed)


def candidates(scanned: Scanned, limit: int) -> tuple[list[Candidate], list[Candidate]]:
    """The pages worth a look, read again from the crawl: a fair sample of each cluster's suspects, then the likeliest errors.

    Verdicts on the sample say what share of suspects are errors, so half of `limit` goes there, evenly to the clusters.
    """
    summary = scanned.summary
    samples = {name: summary.sample(name) for name in sorted(summary.samples) if name != ALONE}
    fair: list[Suspect] = []
    for turn in range(max(map(len, samples.values()), default=0)):
        fair += [members[turn] for members in samples.values() if turn < len(members)]
    fair = fair[: limit // 2]
    taken = {(each.source, each.offset, each.url) for each in fair}
    best = [each for each in summary.best.ranked() if (each.source, each.offset, each.url) not in taken]
    return _read(fair), _read(best[: limit - len(fair)])


def _read(suspects: Sequence[Suspect]) -> list[Candidate]:
    """The suspects' pages; one that is not where it was any more is left out."""
    found = []
    for each in suspects:
        try:
            record = read_at(each.source, each.offset, each.url)
            if isinstance(record, Record):
                cluster = "" if each.cluster == ALONE else each.cluster
                found.append(Candidate(read_whole(record), each.score, cluster))
        except (ReadFailed, SourceRefused, OSError):
            continue
    return found


def _known(session: Session, challenge: DbChallenge) -> Known:
    """The verified probes. What a scan looks for are pages of the target that the machine does not take for it; other errors speak
    against that as much as pages that were none."""
    judged = pool.judged(session, challenge.id, MOST_PROBES)
    if not judged:
        return Known.nothing()
    rows = memory.rows_of(session, challenge.id, [each.submission_id for each in judged])
    wrong = np.array([each.is_error and each.truth == challenge.target for each in judged])
    return Known(rows, wrong, [each.cluster or ALONE for each in judged])


def _plan(challenge: DbChallenge, where: Where, known: Known, suspects: int) -> ScanPlan:
    machine, keys = get_machine(challenge), challenge.label_keys
    costs = challenge.cost[challenge.target_index]
    worst = max((max(line) for line in challenge.cost), default=0.0) or 1.0
    arguments = {
        "name": machine.name, "version": machine.version, "kind": machine.kind, "labels": machine.labels,
        "location": machine.location, "snapshots": where.snapshots, "machine_dir": str(where.machines),
    }  # fmt: skip
    return ScanPlan(
        machine=Loader(OPEN_MACHINE, arguments),
        target=challenge.target,
        known=known,
        costs={key: cost / worst for key, cost in zip(keys, costs, strict=True)},
        extractor=READ_PAGE,
        suspects=max(1, suspects),
        salt=challenge.id,
    )


def _teller(progress: Progress | None) -> Callable[[run.Progress], None] | None:
    if progress is None:
        return None

    def tell(at: run.Progress) -> None:
        share = min(1.0, at.done / at.total) if at.total else 1.0
        bad = f", {at.bad:,} left out" if at.bad else ""
        progress(
            share, f"{at.pages:,} pages, {at.pages_per_second:,.0f} a second, {at.suspects:,} suspects{bad}"
        )

    return tell


def _digest(challenge: DbChallenge, sources: Sequence[str]) -> str:
    plain = [each if "://" in each else os.path.abspath(each) for each in sources]
    machine = get_machine(challenge)
    told = [challenge.slug, machine.name, machine.version, plain]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()[:16]


def _kept(folder: Path) -> Known | None:
    """What a scan that has begun in this folder knows."""
    if not (folder / BEGUN).exists():
        return None
    try:
        with np.load(folder / KNOWN, allow_pickle=False) as kept:
            rows = csr_matrix((kept["data"], kept["indices"], kept["indptr"]), shape=tuple(kept["shape"]))
            return Known(rows, kept["is_error"], kept["clusters"].tolist())
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError) as error:
        raise Invalid(f"{folder} is damaged. --fresh begins anew.", field="state") from error


def _keep(folder: Path, known: Known) -> None:
    if (folder / BEGUN).exists():
        return
    folder.mkdir(parents=True, exist_ok=True)
    rows, draft = known.rows, folder / f".{os.getpid()}.npz"
    np.savez_compressed(
        draft, data=rows.data, indices=rows.indices, indptr=rows.indptr, shape=np.array(rows.shape),
        is_error=known.is_error, clusters=np.array(known.clusters, dtype=str),
    )  # fmt: skip
    draft.replace(folder / KNOWN)


def _forget(folder: Path) -> None:
    """Only what scans keep is removed: the folder may be the user's own."""
    for name in (BEGUN, KNOWN, "chunks.jsonl"):
        (folder / name).unlink(missing_ok=True)
