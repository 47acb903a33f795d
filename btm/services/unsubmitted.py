"""Pages that nobody submitted, put up for review: an audit's and the pool's. Shared by the services."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from btm.pages.blocks import MAX_BLOCK, MAX_BLOCKS, MAX_TEXT
from btm.pages.canonical import canonical_url
from btm.pages.clean import content_hash, one_line
from btm.pages.reasons import ReadFailed
from btm.pages.signature import signature
from btm.pages.snapshot import SnapshotStore
from btm.rules.errors import Conflict
from btm.rules.priority import model_uncertainty
from btm.services.finding import get_machine
from btm.services.item_promises import price_of, promise_item
from btm.services.jury import open_item
from btm.services.machines import MachineShelf
from btm.services.presenting import verdict_deadline
from btm.store import money
from btm.store.tables_challenges import DbChallenge
from btm.store.tables_play import DbPage
from btm.store.transaction import Session
from classifiers.errors import MachineError
from classifiers.page import Page

BATCH = 64
Floats = NDArray[np.float64]
Progress = Callable[[float, str], None]


@dataclass(frozen=True, slots=True)
class Found:
    """A page that nobody submitted. `blocks`: (kind, text) in reading order, where they are known. `body`: as it was read."""

    page: Page
    blocks: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    content_type: str = "text/plain"


def shortened(page: Page) -> Page:
    """The page with no more text than people are shown, so that judges read what the machine was asked about."""
    text = "\n\n".join(text for _, text in _paragraphs(page.text))
    return Page(page.url, page.title, page.description, page.headings, text, page.links, page.language)


def _paragraphs(text: str) -> list[tuple[str, str]]:
    room, found = MAX_TEXT, []
    for part in text.replace("\r\n", "\n").split("\n\n")[:MAX_BLOCKS]:
        kept = one_line(part, min(MAX_BLOCK, room))
        if kept:
            found.append(("p", kept))
            room -= len(kept)
        if room <= 0:
            break
    return found


def ask(
    challenge: DbChallenge, pages: Sequence[Page], shelf: MachineShelf, progress: Progress | None = None
) -> Floats:
    """What the challenge's machine says of pages, a batch at a time: shape (n, labels), in the order of the challenge's labels.

    Raises Conflict: `machine_away` where it does not answer properly, `no_machine` where there is none yet.
    """
    try:
        machine = shelf.get(get_machine(challenge))
        order = [list(machine.classes_).index(key) for key in challenge.label_keys]
        parts = []
        for start in range(0, len(pages), BATCH):
            parts.append(machine.predict_proba(pages[start : start + BATCH])[:, order])
            if progress is not None:
                progress(
                    (start + BATCH) / (len(pages) + BATCH), f"{start:,} of {len(pages):,} pages asked about"
                )
    except MachineError as error:
        raise Conflict(f"{error} Nothing was put up; try again later.", code="machine_away") from error
    except ValueError as error:
        raise Conflict("The machine has other labels than the challenge.", code="machine_away") from error
    return np.concatenate(parts) if parts else np.zeros((0, len(challenge.label_keys)))


def row_of(found: Found, snapshots: SnapshotStore, now: datetime) -> DbPage:
    """A page as a row, what was read kept in the snapshot store. Without an address it has one made of its content."""
    page, digest = found.page, content_hash(found.page.text)
    url = page.url or f"upload:{digest[:16]}"
    return DbPage(
        url=url,
        canonical_url=_canonical(url),
        final_url=url,
        final_canonical_url=_canonical(url),
        redirects=[],
        fetched_at=now,
        status=200,
        content_type=found.content_type,
        content_hash=digest,
        snapshot=snapshots.put(found.body or page.text.encode("utf-8", "replace")),
        title=page.title,
        description=page.description,
        headings=list(page.headings),
        links=list(page.links),
        language=page.language,
        text=page.text,
        blocks=[list(block) for block in found.blocks or _paragraphs(page.text)],
        signature=signature(page.text),
    )


def _canonical(url: str) -> str:
    try:
        return canonical_url(url)
    except ReadFailed:
        return url


def can_pay(session: Session, challenge: DbChallenge, pages: int) -> bool:
    """Whether the free budget holds every judgement that so many pages may need. Under the challenge's lock it stays so."""
    return money.free_budget(session, challenge.id) >= pages * price_of(challenge.law)


def put_up(
    session: Session,
    challenge: DbChallenge,
    page: DbPage,
    probabilities: Sequence[float],
    *,
    origin: str,
    stake: float,
    now: datetime,
) -> int:
    """Write a page and its review item, and promise its judges their points. Returns the item's id. Under the challenge's lock.

    The item's name is drawn with the challenge's salt, so that nobody reads from it where the page came from.
    """
    session.add(page)
    session.flush()
    values: dict[str, Any] = {
        "public_id": random.Random(f"{challenge.salt}:{origin}:{page.id}").randbytes(8).hex(), "page_id": page.id,
        "origin": origin, "deadline_at": verdict_deadline(challenge, now), "stake": stake,
        "model_uncertainty": model_uncertainty(probabilities),
    }  # fmt: skip
    item_id = open_item(session, challenge, values, now)
    if item_id is None:
        raise LookupError(f"page {page.id} was put up before it was written")
    promise_item(session, item_id, challenge.id, price_of(challenge.law), now)
    return item_id
