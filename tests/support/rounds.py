"""A corpus of a few causes in the database, and a machine with labelled data, for rounds of learning."""

from __future__ import annotations

import random
from typing import Any

from btm.services.activate_machine import activate_machine
from btm.services.read_labelled import LabelledPage
from btm.services.run_task import TaskTools, run_task
from btm.services.start_round import start_round
from btm.services.train_machine import train_machine
from btm.store.tables import (
    DbAccount,
    DbAudit,
    DbAuditPage,
    DbChallenge,
    DbCluster,
    DbOutcome,
    DbPage,
    DbPlacement,
    DbQuote,
    DbReviewItem,
    DbSubmission,
)
from btm.store.transaction import transaction
from classifiers.page import Page

from . import texts
from .databases import value
from .game import Game
from .labelled import WORDS, sentence

TELLS = ["voucher", "bargain", "coupon", "rebate", "bonus"]
"""Words that every find has and no labelled page: what one cause teaches of the next."""


def find_text(cause: str, number: int) -> str:
    """A page that is spam in the words of ham, of one cause."""
    dice = random.Random(f"{cause} {number}")
    said = [
        *dice.choices(WORDS["ham"], k=10),
        *dice.choices(texts.words(cause, 12), k=10),
        *dice.choices(TELLS, k=6),
    ]
    dice.shuffle(said)
    return " ".join(said)


def add_finds(
    game: Game, cause: str | None, count: int, *, slug: str = "spam", state: str = "known", start: int = 0
) -> list[str]:
    """Verified errors of one cause, in a cluster of its name (or standing alone where the cause is None). Public ids."""
    with transaction() as session:
        challenge = session.query(DbChallenge).filter_by(slug=slug).one()
        cluster = (
            session.query(DbCluster).filter_by(challenge_id=challenge.id, name=cause or "").one_or_none()
        )
        if cluster is None and cause is not None:
            cluster = DbCluster(
                public_id=f"c-{cause}", challenge_id=challenge.id, truth="spam", assigned="ham", name=cause, terms=[], notes="",
                state=state, exemplars=[], weight=1.0, created_at=game.clock(),
            )  # fmt: skip
            session.add(cluster)
            session.flush()
        made = [
            _probe(session, game, challenge, find_text(cause or f"alone {number}", number), "spam", "ham")
            for number in range(start, start + count)
        ]
        for row in made:
            session.add(
                DbPlacement(
                    challenge_id=challenge.id, submission_id=row.id, cluster_id=cluster.id if cluster else None, x=0.5, y=0.5,
                    placed_at=game.clock(),
                )
            )  # fmt: skip
        return [row.public_id for row in made]


def add_right(game: Game, label: str, count: int, *, slug: str = "spam") -> None:
    """Verified probes about which the machine was right."""
    with transaction() as session:
        challenge = session.query(DbChallenge).filter_by(slug=slug).one()
        for number in range(count):
            _probe(session, game, challenge, sentence(label, 50_000 + number), label, label)


def add_inspected(game: Game, label: str, count: int, *, slug: str = "spam") -> None:
    """Pages that an inspection drew and that judges called `label`."""
    with transaction() as session:
        challenge = session.query(DbChallenge).filter_by(slug=slug).one()
        audit = DbAudit(
            public_id=game.new("audit"), challenge_id=challenge.id, machine_id=challenge.machine_id, data="pool", wanted=count,
            pool=count, strata=[], state="done", created_at=game.clock(),
        )  # fmt: skip
        session.add(audit)
        session.flush()
        for number in range(count):
            page = _page(session, game, sentence(label, 70_000 + number))
            item = DbReviewItem(
                public_id=game.new("item"), challenge_id=challenge.id, page_id=page.id, topic=challenge.topic, origin="audit",
                state="decided", shuffle=0.5, opened_at=game.clock(), deadline_at=game.clock(), verdict=label,
            )  # fmt: skip
            session.add(item)
            session.flush()
            session.add(
                DbAuditPage(
                    audit_id=audit.id, page_id=page.id, item_id=item.id, bin=0, expected_cost=0.1, probabilities=[0.1, 0.9],
                    assigned="ham", weight=1.0,
                )
            )  # fmt: skip


def _page(session: Any, game: Game, text: str) -> DbPage:
    url = f"https://{game.new('host')}.example/"
    page = DbPage(
        url=url, canonical_url=url, final_url=url, final_canonical_url=url, redirects=[], fetched_at=game.clock(), status=200,
        content_type="text/html", content_hash=game.new("hash"), snapshot="", title="", description="", headings=[], links=[],
        language="en", text=text, blocks=[], signature=b"",
    )  # fmt: skip
    session.add(page)
    session.flush()
    return page


def _probe(
    session: Any, game: Game, challenge: DbChallenge, text: str, truth: str, assigned: str
) -> DbSubmission:
    page = _page(session, game, text)
    game.machine.believe(page.final_url, (0.02, 0.98) if assigned == "ham" else (0.98, 0.02))
    player = session.info.setdefault("player", None) or game_player(session, game)
    session.info["player"] = player
    submission = DbSubmission(
        public_id=game.new("find"), challenge_id=challenge.id, player_id=player, url=page.url, canonical_url=page.url,
        state="confirmed" if truth != assigned else "rejected", created_at=game.clock(), page_id=page.id,
    )  # fmt: skip
    session.add(submission)
    session.flush()
    session.add(
        DbOutcome(
            challenge_id=challenge.id, submission_id=submission.id, page_id=page.id, truth=truth, assigned=assigned,
            is_error=truth != assigned, severity=0.98, probability=0.99, points=0, label_counts={}, settled_at=game.clock(),
        )
    )  # fmt: skip
    keys, beliefs = challenge.label_keys, game.machine.beliefs[page.final_url]
    session.add(
        DbQuote(
            submission_id=submission.id, machine_id=challenge.machine_id, probabilities=list(beliefs), assigned=assigned,
            target=challenge.target, severity=beliefs[1 - keys.index(truth)], foreseeable=0.0, novelty=1.0, max_bonus=1000,
            sharpness=2.0, points=900, reserve=900, terms={}, neighbours=[], quoted_at=game.clock(),
        )
    )  # fmt: skip
    session.flush()
    return submission


def game_player(session: Any, game: Game) -> int:
    account = DbAccount(
        created_at=game.clock(),
        handle=(name := game.new("finder")),
        handle_key=name,
        password_hash="unusable",
    )
    session.add(account)
    session.flush()
    return int(account.id)


CAUSES = ("knitting", "sailing", "chess", "baking", "maths", "opera")


def add_corpus(game: Game, each: int = 8, causes: tuple[str, ...] = CAUSES) -> None:
    """As little as a round takes: six causes of eight finds."""
    for cause in causes:
        add_finds(game, cause, each)


def labelled_rows(each: int, start: int = 0) -> list[LabelledPage]:
    rows = []
    for number in range(start, start + each):
        for label in WORDS:
            page = Page(text=sentence(label, number), language="en")
            rows.append(LabelledPage(len(rows) + 1, page, label, f"s{number}{label}.example"))
    return rows


HEADER = "label,text,url"


def csv_of(each: int, start: int) -> bytes:
    lines = (f'{row.label},"{row.page.text}",https://{row.source}/' for row in labelled_rows(each, start))
    return "\n".join([HEADER, *lines, ""]).encode()


def natural() -> bytes:
    """As much natural traffic as a recommendation takes."""
    return csv_of(100, 90_000)


def play_trained(game: Game, each: int = 60) -> str:
    """Have the challenge played against a toy machine that was trained here. Returns its version."""
    made = train_machine(
        "spam", labelled_rows(each), name="toy-own", data_name="toys.csv", asker_id=None, snapshots=game.snapshots,  # type: ignore[arg-type]
        now=game.clock(),
    )  # fmt: skip
    activate_machine(
        "spam", "toy-own", made.machine.version, asker_id=None, shelf=game.shelf, now=game.clock()
    )
    return made.machine.version


def tools(game: Game) -> TaskTools:
    return TaskTools(game.reader, game.snapshots, game.shelf, game.clock)  # type: ignore[arg-type]


def with_worker(game: Game) -> None:
    """A bell that does tasks too."""
    game.bell.work["task"] = lambda row_id: run_task(row_id, tools(game))


def start(game: Game, asker_id: int | None = None, **changes: Any) -> str:
    given: dict[str, Any] = {
        "kind": None, "data": None, "format": "csv", "data_name": "pages.csv", "natural": natural(),
    } | changes  # fmt: skip
    return start_round(
        "spam",
        asker_id=asker_id,
        snapshots=game.snapshots,
        now=game.clock(),
        new_id=game.new("round"),
        **given,  # type: ignore[arg-type]
    )


def task_id(public_id: str) -> int:
    return int(str(value("SELECT id FROM task WHERE public_id = :id", id=public_id)))


def states() -> dict[str, str]:
    """The clusters' states by name."""
    from .databases import rows

    return {str(name): str(state) for name, state in rows("SELECT name, state FROM cluster")}
