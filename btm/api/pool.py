"""Examples that are collected, and pools of imported pages that are judged where a label pays most."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Response
from marshmallow import EXCLUDE, Schema, fields
from marshmallow.validate import Length, OneOf, Range

from btm.api import bearer, tools
from btm.api.tools import MIME_TYPES, RowsSchema
from btm.api.wing import Asked, PageQuery, Wing
from btm.services import (
    export_pool,
    export_urls,
    import_pool,
    list_pool,
    show_collecting,
    show_pool,
    show_task,
    train_first_machine,
)
from btm.services.views_collecting import CollectingView, PoolPageView, PoolView
from btm.services.views_machines import TaskView

wing = Wing("api_pool", "Examples that are collected, and pools of imported pages.")
RANKINGS = ("lmu", "lu", "mu")


@dataclass(frozen=True, slots=True)
class PutUpView:
    """How many pages were put up for judges."""

    count: int


class ImportSchema(RowsSchema):
    """Pages for the pool, with noisy labels if there are any, and how many of them to put up."""

    ranking = fields.String(load_default="lmu", validate=OneOf(RANKINGS))
    most = fields.Integer(load_default=1000, validate=Range(min=1, max=100_000))


class MorePagesSchema(Schema):
    """How many more pages to put up, and in which order."""

    ranking = fields.String(load_default="lmu", validate=OneOf(RANKINGS))
    most = fields.Integer(load_default=1000, validate=Range(min=1, max=100_000))


class PoolQuery(PageQuery):
    state = fields.String(load_default="", validate=Length(max=20))


class UrlsQuery(Schema):
    class Meta:
        unknown = EXCLUDE

    which = fields.String(load_default="all", validate=OneOf(("all", "checked")))


class FirstSchema(Schema):
    """The first machine's name."""

    name = fields.String(load_default="", validate=Length(max=100))


@wing.reads("/challenges/<slug>/pool", shows=PoolView, scope="model")
def show(slug: str) -> PoolView:
    """How a pool stands, and how labels and machine get better"""
    return show_pool.show_pool(slug, asker_id=bearer.account_id())


@wing.lists("/challenges/<slug>/pool/pages", of=PoolPageView, scope="model", query=PoolQuery)
def list_pages(asked: Asked, slug: str, state: str) -> tuple[list[PoolPageView], str | None]:
    """The pages of a pool"""
    found = list_pool.list_pool(
        slug, state=state, cursor=asked.cursor, asker_id=bearer.account_id(), limit=asked.limit
    )
    return list(found.pages), found.next_cursor


@wing.writes(
    "POST",
    "/challenges/<slug>/pool",
    scope="model",
    takes=ImportSchema,
    shows=TaskView,
    status=202,
    large=True,
)
def import_pages(body: dict[str, Any], slug: str) -> TaskView:
    """Import pages, and put up those where a label pays most"""
    data, format = tools.needed_file(body)
    public_id = import_pool.start_pool_import(
        slug, data, format=format, ranking=body["ranking"], most=body["most"], data_name=body["data_name"],
        asker_id=bearer.account_id(), snapshots=tools.snapshots(), now=bearer.now(), new_id=tools.new_id(),
    )  # fmt: skip
    return show_task.show_task(public_id, asker_id=bearer.account_id())


@wing.writes("POST", "/challenges/<slug>/pool/put-up", scope="model", takes=MorePagesSchema, shows=PutUpView)
def put_up(body: dict[str, Any], slug: str) -> PutUpView:
    """Put up more pages of the pool"""
    return PutUpView(
        import_pool.put_up_more(
            slug, ranking=body["ranking"], most=body["most"], asker_id=bearer.account_id(), now=bearer.now()
        )
    )


@wing.files(
    '/challenges/<slug>/pool.<any(csv, jsonl, "label-studio", "crowd-kit"):format>',
    scope="model", kinds=(MIME_TYPES["csv"], MIME_TYPES["jsonl"], MIME_TYPES["label-studio"]),
)  # fmt: skip
def export(slug: str, format: str) -> Response:
    """The pool with all labels as a file"""
    rows = export_pool.export_pool(slug, format, asker_id=bearer.account_id(), now=bearer.now())
    name = f"{slug}-pool.{tools.ENDINGS.get(format, format)}"
    return tools.attachment(rows, name, MIME_TYPES[format])


@wing.reads("/challenges/<slug>/examples", shows=CollectingView, scope="model")
def examples(slug: str) -> CollectingView:
    """How many examples of each label there are"""
    return show_collecting.show_collecting(slug, asker_id=bearer.account_id())


@wing.writes(
    "POST", "/challenges/<slug>/first-machine", scope="model", takes=FirstSchema, shows=TaskView, status=202
)
def train_first(body: dict[str, Any], slug: str) -> TaskView:
    """Train the first machine on the examples, and play against it"""
    public_id = train_first_machine.start_first_machine(
        slug, name=body["name"], asker_id=bearer.account_id(), now=bearer.now(), new_id=tools.new_id()
    )
    return show_task.show_task(public_id, asker_id=bearer.account_id())


@wing.files(
    "/challenges/<slug>/urls.<any(txt, csv, json, jsonl):format>",
    scope="model", kinds=tuple(MIME_TYPES[name] for name in ("txt", "csv", "json", "jsonl")), query=UrlsQuery,
)  # fmt: skip
def urls(asked: dict[str, Any], slug: str, format: str) -> Response:
    """All addresses that were handed in, or those that were checked"""
    lines = export_urls.export_urls(
        slug, format, which=asked["which"], asker_id=bearer.account_id(), now=bearer.now()
    )
    return tools.attachment(lines, f"{slug}-urls.{format}", MIME_TYPES[format])
