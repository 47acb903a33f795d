"""Writing challenges: from nothing, a starting point, a file or another challenge, to live and back."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from typing import Any

from flask import Response, g, request
from marshmallow import Schema, fields
from marshmallow.validate import Length, OneOf, Range

from btm.api import bearer, tools
from btm.api.wing import Asked, Wing
from btm.rules.budget import Pots
from btm.rules.checklist import Missing
from btm.rules.design import plain_design
from btm.rules.errors import Conflict, DomainError
from btm.rules.read_design import read_design
from btm.services import (
    change_challenge_state,
    clone_challenge,
    create_challenge,
    edit_challenge,
    export_challenge,
    fund_challenge,
    import_challenge,
    list_authored,
    list_starters,
    show_authoring,
)
from btm.services.views_authoring import AuthoredRow, FittingMachine, Starter

wing = Wing("api_authoring", "Write challenges, open and close them, fund them.")


@dataclass(frozen=True, slots=True)
class DraftView:
    """A challenge as those see it who write it. `missing`: what it lacks before it can go live, and advice."""

    slug: str
    state: str
    revision: int
    design: dict[str, Any]
    missing: tuple[Missing, ...]
    is_ready: bool
    machines: tuple[FittingMachine, ...]
    preset: str
    has_work: bool
    has_been_live: bool
    free_budget: int


class Stale(DomainError):
    """Somebody has changed the thing since it was read."""

    status = 412
    code = "edited_meanwhile"


class NewChallengeSchema(Schema):
    """A new draft: a design, and, where one is named, a starting point for all that it does not say."""

    design = fields.Dict(
        keys=fields.String(),
        load_default=dict,
        metadata={"description": "The parts of a challenge's file: title, labels, target, brief, rules, ..."},
    )
    starter = fields.String(
        load_default="", validate=Length(max=60), metadata={"description": "A starting point's name"}
    )


class FileSchema(Schema):
    """A challenge's file."""

    yaml = fields.String(required=True, validate=Length(min=1, max=900_000))
    slug = fields.String(
        load_default="", validate=Length(max=60), metadata={"description": "Another address than the file's"}
    )


class ChangesSchema(Schema):
    """What changes of a design. `rules` and `brief` may name some of their parts only; a rule that is null goes back to its default."""

    changes = fields.Dict(keys=fields.String(), required=True)


class CloneSchema(Schema):
    """How a copy differs."""

    slug = fields.String(load_default="", validate=Length(max=60))
    same_topic = fields.Boolean(
        load_default=False, metadata={"description": "Share judges and queue with the other one"}
    )


class StateSchema(Schema):
    """The state to go to."""

    state = fields.String(required=True, validate=OneOf(("live", "paused", "archived")))


class BudgetSchema(Schema):
    """Points to put in; below 0 they are taken out."""

    points = fields.Integer(required=True, validate=Range(min=-(10**12), max=10**12))
    reason = fields.String(load_default="", validate=Length(max=200))


@wing.lists("/authored", of=AuthoredRow, scope="model")
def list_own(asked: Asked) -> tuple[list[AuthoredRow], str | None]:
    """The challenges that you model, drafts and archived ones included"""
    return asked.cut(list_authored.list_authored(asker_id=bearer.account_id(), now=bearer.now()))


@wing.lists("/starters", of=Starter, scope="model")
def list_starting_points(asked: Asked) -> tuple[list[Starter], str | None]:
    """Ready starting points for a new challenge"""
    return asked.cut(list_starters.list_starters())


@wing.writes("POST", "/challenges", scope="model", takes=NewChallengeSchema, shows=DraftView, status=201)
def create(body: dict[str, Any]) -> DraftView:
    """Make a draft, however unfinished"""
    said = body["design"]
    if body["starter"]:
        said = plain_design(list_starters.read_starter(body["starter"])) | said
    made = create_challenge.create_challenge(
        read_design(said), asker_id=bearer.account_id(), now=bearer.now(), new_salt=new_salt
    )
    return find(made)


@wing.writes(
    "POST", "/challenge-files", scope="model", takes=FileSchema, shows=DraftView, status=201, large=True
)
def import_file(body: dict[str, Any]) -> DraftView:
    """Make a draft of a challenge's YAML file"""
    made = import_challenge.import_challenge(
        body["yaml"], asker_id=bearer.account_id(), now=bearer.now(), new_salt=new_salt, slug=body["slug"]
    )
    return find(made)


@wing.reads("/challenges/<slug>/draft", shows=DraftView, scope="model")
def show(slug: str) -> DraftView:
    """All that a challenge says, what it lacks, and which machines fit

    Its ETag begins with its revision: send it as If-Match when you change it."""
    return find(slug)


@wing.writes(
    "PATCH", "/challenges/<slug>/draft", scope="model", takes=ChangesSchema, shows=DraftView, matches=True
)
def edit(body: dict[str, Any], slug: str) -> DraftView:
    """Change a challenge

    With If-Match nobody's changes are written over: 412 where somebody else was faster."""
    try:
        edit_challenge.edit_challenge(
            slug, body["changes"], asker_id=bearer.account_id(), now=bearer.now(), revision=asked_revision()
        )
    except Conflict as error:
        if error.code == "edited_meanwhile":
            raise Stale(error.sentence) from error
        raise
    return find(str(body["changes"].get("slug") or slug))


@wing.files("/challenges/<slug>/design.yaml", scope="model", kinds=("application/yaml",))
def export_file(slug: str) -> Response:
    """The challenge as a file"""
    text = export_challenge.export_challenge(slug, asker_id=bearer.account_id())
    return tools.attachment([text.encode()], f"{slug}.yaml", "application/yaml")


@wing.writes(
    "POST", "/challenges/<slug>/clone", scope="model", takes=CloneSchema, shows=DraftView, status=201
)
def clone(body: dict[str, Any], slug: str) -> DraftView:
    """A draft that says the same"""
    made = clone_challenge.clone_challenge(
        slug, asker_id=bearer.account_id(), now=bearer.now(), new_salt=new_salt,
        new_slug=body["slug"], same_topic=body["same_topic"],
    )  # fmt: skip
    return find(made)


@wing.writes("POST", "/challenges/<slug>/state", scope="model", takes=StateSchema, shows=DraftView)
def change_state(body: dict[str, Any], slug: str) -> DraftView:
    """Open a challenge, pause it, or archive it"""
    change_challenge_state.change_challenge_state(
        slug, body["state"], asker_id=bearer.account_id(), shelf=tools.shelf(), now=bearer.now()
    )
    return find(slug)


@wing.writes("POST", "/challenges/<slug>/budget", scope="operate", takes=BudgetSchema, shows=Pots)
def fund(body: dict[str, Any], slug: str) -> Pots:
    """Put points into a challenge's budget, or take out what is not promised"""
    named = f"{bearer.account_id()} {request.headers['Idempotency-Key']}"
    return fund_challenge.fund_challenge(
        slug, body["points"], asker_id=bearer.account_id(), now=bearer.now(), reason=body["reason"],
        key=f"api:{hashlib.sha256(named.encode()).hexdigest()[:40]}",
    )  # fmt: skip


def find(slug: str) -> DraftView:
    view = show_authoring.show_authoring(slug, asker_id=bearer.account_id(), now=bearer.now())
    g.revision = view.revision
    return DraftView(
        slug=view.slug, state=view.state, revision=view.revision, design=plain_design(view.design),
        missing=view.missing, is_ready=view.is_ready, machines=view.machines, preset=view.preset,
        has_work=view.has_work, has_been_live=view.has_been_live, free_budget=view.free_budget,
    )  # fmt: skip


def asked_revision() -> int | None:
    """The revision that If-Match names, or None without one. Raises Stale for what was never a revision."""
    header = request.headers.get("If-Match", "").strip()
    if header in ("", "*"):
        return None
    told = header.removeprefix("W/").strip('"').partition("-")[0]
    if not told.isascii() or not told.isdigit() or len(told) > 18:
        raise Stale("That is no revision of this challenge. Read it again, and send its ETag.")
    return int(told)


def new_salt() -> str:
    return secrets.token_hex(16)
