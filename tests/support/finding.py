"""Finds of a few causes, verified: what the corpus wing works on."""

from __future__ import annotations

from btm.services.place_find import place_find
from btm.services.regroup_finds import regroup_finds
from btm.store import clusters
from btm.store.tables import DbCluster, DbPlacement, DbRole
from btm.store.transaction import reading, transaction

from . import texts
from .game import Game


def find(
    game: Game, cause: str, turn: int, *, player: int | None = None, slug: str = "spam", label: str = "spam"
) -> str:
    """A page of a cause, handed in and verified. Pages of one cause have the same words. Returns the submission's public id."""
    url = game.page(text=texts.same_topic(cause, turn), title=f"{cause} {turn}")
    return game.settled(label, player, url, slug=slug)


def finds(game: Game, cause: str, count: int, start: int = 0, **where: str) -> list[str]:
    """Several of them, each by another person."""
    return [find(game, cause, start + turn, **where) for turn in range(count)]


def place(game: Game, *public_ids: str) -> None:
    for public_id in public_ids:
        place_find(game.row(public_id).id, now=game.clock())


def regroup(game: Game, challenge_id: int) -> bool:
    return regroup_finds(challenge_id, now=game.clock(), new_id=lambda: game.new("cluster"))


def placement(game: Game, public_id: str) -> DbPlacement | None:
    with reading() as session:
        return clusters.placement_of(session, game.row(public_id).id)


def cluster(game: Game, public_id: str) -> DbCluster | None:
    """The cluster of a find."""
    where = placement(game, public_id)
    with reading() as session:
        return session.get(DbCluster, where.cluster_id) if where and where.cluster_id else None


def clusters_now(challenge_id: int) -> list[DbCluster]:
    """The clusters of a challenge that hold finds."""
    with reading() as session:
        return [row for row in clusters.clusters_of(session, challenge_id) if row.retired_at is None]


def modeler(game: Game) -> int:
    """Somebody who may see every challenge's corpus."""
    account_id = game.player()
    with transaction() as session:
        session.add(DbRole(account_id=account_id, role="modeler", scope="", granted_at=game.clock()))
    return account_id
