"""Verified examples, written at once: what many players and judges would have made, where a test is not about them."""

from __future__ import annotations

from btm.pages.canonical import site
from btm.services.quoting import page_row
from btm.store.tables import DbChallenge, DbExample, DbSubmission
from btm.store.transaction import transaction

from .fakes import read_page
from .game import Game
from .labelled import sentence


def collected(game: Game, label: str, count: int, *, slug: str = "spam", host: str = "") -> None:
    """So many verified examples of a label, each on a site of its own, or all on `host`."""
    player = game.player()
    with transaction() as session:
        challenge_id = session.query(DbChallenge.id).filter_by(slug=slug).scalar()
        for _ in range(count):
            name = game.new("example")
            url = f"https://{host or f'{name}.example'}/{name}"
            page = page_row(read_page(url, sentence(label, int(name[-6:]))), game.clock())
            session.add(page)
            session.flush()
            made = DbSubmission(
                public_id=name, challenge_id=challenge_id, player_id=player, url=url, canonical_url=url, claimed=label,
                state="confirmed", created_at=game.clock(), committed_at=game.clock(), settled_at=game.clock(), page_id=page.id,
            )  # fmt: skip
            session.add(made)
            session.flush()
            session.add(
                DbExample(
                    challenge_id=challenge_id, submission_id=made.id, page_id=page.id, truth=label, claimed=label,
                    site=site(url), probability=0.97, points=1000, label_counts={label: 2}, settled_at=game.clock(),
                )
            )  # fmt: skip
