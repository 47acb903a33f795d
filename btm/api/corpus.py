"""What was found, for those who model a challenge: figures, clusters, files to take away, inspections, rounds."""

from __future__ import annotations

from typing import Any

from flask import Response
from marshmallow import EXCLUDE, Schema, fields
from marshmallow.validate import Length, OneOf, Range

from btm.api import bearer, tools
from btm.api.tools import MIME_TYPES, RowSchema, RowsSchema
from btm.api.wing import Asked, PageQuery, Wing
from btm.rules.exports import query_from
from btm.services import (
    edit_cluster,
    export_corpus,
    export_dataset,
    export_warc,
    promote_round,
    roll_back_round,
    show_audit,
    show_cluster,
    show_corpus,
    show_map,
    show_rounds,
    show_scan,
    show_task,
    start_audit,
    start_round,
)
from btm.services.views_clusters import AuditView, ClusterCard, ClusterView, CorpusView, MapView, RoundView
from btm.services.views_machines import TaskView
from btm.services.views_scans import ScanView

wing = Wing("api_corpus", "The corpus: known unknowns, their clusters, inspections, and rounds of learning.")


class ExportQuery(Schema):
    """Which finds: of one cluster, in a state, since a moment, and so on."""

    class Meta:
        unknown = EXCLUDE

    cluster = fields.String()
    state = fields.String()
    status = fields.String()
    machine = fields.String()
    since = fields.String(metadata={"description": "A day or a moment"})
    until = fields.String(metadata={"description": "A day or a moment"})
    part = fields.String(metadata={"description": "train or test, split by cluster"})
    test_share = fields.String(metadata={"description": "How much of it is test, such as 0.2"})
    after = fields.String(metadata={"description": "Where to go on: the last find that you have"})


class ClusterNameSchema(Schema):
    """A cluster's name and notes. An empty name gives it back its own."""

    name = fields.String(load_default="", validate=Length(max=200))
    notes = fields.String(load_default="", validate=Length(max=10_000))


class InspectionSchema(RowsSchema):
    """Pages of which some are to be inspected."""

    bins = fields.Integer(load_default=10, validate=Range(min=1, max=100))
    wanted = fields.Integer(load_default=500, validate=Range(min=1, max=100_000))


class LearningSchema(RowsSchema):
    """What a round learns from and is measured on. Without any, what is there already."""

    kind = fields.String(load_default=None, allow_none=True, validate=OneOf(("candidate", "correction")))
    natural_rows = fields.List(fields.Nested(RowSchema), load_default=None, allow_none=True)
    natural_data = fields.String(load_default=None, allow_none=True)


class PromotionSchema(Schema):
    """Whether to promote what is not recommended."""

    force = fields.Boolean(load_default=False)


@wing.reads("/challenges/<slug>/corpus", shows=CorpusView, scope="model")
def show(slug: str) -> CorpusView:
    """The figures of a challenge's corpus"""
    return show_corpus.show_corpus(slug, asker_id=bearer.account_id(), now=bearer.now())


@wing.lists("/challenges/<slug>/clusters", of=ClusterCard, scope="model")
def list_clusters(asked: Asked, slug: str) -> tuple[list[ClusterCard], str | None]:
    """The clusters of a challenge's finds"""
    view = show_corpus.show_corpus(slug, asker_id=bearer.account_id(), now=bearer.now())
    return asked.cut(view.clusters)


@wing.reads("/challenges/<slug>/clusters/<cluster_id>", shows=ClusterView, scope="model", query=PageQuery)
def show_one_cluster(asked: dict[str, Any], slug: str, cluster_id: str) -> ClusterView:
    """A cluster with a page of its finds; `cursor` of the answer leads on"""
    return find_cluster(slug, cluster_id, asked["cursor"])


@wing.writes(
    "PATCH",
    "/challenges/<slug>/clusters/<cluster_id>",
    scope="model",
    takes=ClusterNameSchema,
    shows=ClusterView,
)
def name_cluster(body: dict[str, Any], slug: str, cluster_id: str) -> ClusterView:
    """Give a cluster a name and notes"""
    edit_cluster.edit_cluster(
        slug, cluster_id, name=body["name"].strip(), notes=body["notes"].strip(), asker_id=bearer.account_id(),
        now=bearer.now(),
    )  # fmt: skip
    return find_cluster(slug, cluster_id)


@wing.reads("/challenges/<slug>/map", shows=MapView, scope="model")
def map_of_finds(slug: str) -> MapView:
    """Where each find lies among the others"""
    return show_map.show_map(slug, asker_id=bearer.account_id())


@wing.files(
    '/challenges/<slug>/corpus.<any(jsonl, csv, parquet, "label-studio", "crowd-kit"):format>',
    scope="model", kinds=tuple(MIME_TYPES[name] for name in ("jsonl", "csv", "parquet", "label-studio")), query=ExportQuery,
)  # fmt: skip
def export(asked: dict[str, Any], slug: str, format: str) -> Response:
    """The finds as a file, ready to train on"""
    rows = export_corpus.export_corpus(
        slug, format, query_from(asked), asker_id=bearer.account_id(), now=bearer.now()
    )
    return tools.attachment(rows, f"{slug}.{tools.ENDINGS.get(format, format)}", MIME_TYPES[format])


@wing.files("/challenges/<slug>/corpus.zip", scope="model", kinds=("application/zip",), query=ExportQuery)
def export_data_set(asked: dict[str, Any], slug: str) -> Response:
    """The finds as a data set with its card"""
    archive = export_dataset.zip_dataset(
        slug, query_from(asked), asker_id=bearer.account_id(), now=bearer.now()
    )
    return tools.attachment(archive, f"{slug}-dataset.zip", "application/zip")


@wing.files(
    "/challenges/<slug>/corpus.warc.gz", scope="model", kinds=("application/warc",), query=ExportQuery
)
def export_archive(asked: dict[str, Any], slug: str) -> Response:
    """The pages themselves, as they were fetched"""
    records = export_warc.export_warc(
        slug, query_from(asked), asker_id=bearer.account_id(), now=bearer.now(), snapshots=tools.snapshots()
    )
    return tools.attachment(records, f"{slug}.warc.gz", "application/warc")


@wing.lists("/challenges/<slug>/audits", of=AuditView, scope="model")
def list_audits(asked: Asked, slug: str) -> tuple[list[AuditView], str | None]:
    """Inspections of the machine's own output, newest first"""
    return asked.cut(show_audit.list_audits(slug, asker_id=bearer.account_id()))


@wing.writes(
    "POST",
    "/challenges/<slug>/audits",
    scope="model",
    takes=InspectionSchema,
    shows=TaskView,
    status=202,
    large=True,
)
def inspect(body: dict[str, Any], slug: str) -> TaskView:
    """Have pages drawn by stratum and inspected; the task's id becomes the inspection's"""
    data, format = tools.needed_file(body)
    public_id = start_audit.start_audit(
        slug, data, format=format, bins=body["bins"], wanted=body["wanted"], data_name=body["data_name"],
        asker_id=bearer.account_id(), snapshots=tools.snapshots(), now=bearer.now(), new_id=tools.new_id(),
    )  # fmt: skip
    return show_task.show_task(public_id, asker_id=bearer.account_id())


@wing.reads("/challenges/<slug>/audits/<audit_id>", shows=AuditView, scope="model")
def show_inspection(slug: str, audit_id: str) -> AuditView:
    """One inspection, once its pages are drawn"""
    return show_audit.show_audit(slug, audit_id, asker_id=bearer.account_id())


@wing.lists("/challenges/<slug>/rounds", of=RoundView, scope="model")
def list_rounds(asked: Asked, slug: str) -> tuple[list[RoundView], str | None]:
    """Rounds of learning, newest first"""
    return asked.cut(show_rounds.show_rounds(slug, asker_id=bearer.account_id()))


@wing.writes(
    "POST",
    "/challenges/<slug>/rounds",
    scope="model",
    takes=LearningSchema,
    shows=RoundView,
    status=202,
    large=True,
)
def start_learning(body: dict[str, Any], slug: str) -> RoundView:
    """Have a machine learn from the corpus, and measured"""
    base = tools.file_of(body)
    natural = tools.file_of(body, "natural_rows", "natural_data")
    public_id = start_round.start_round(
        slug, kind=body["kind"], data=base[0] if base else None, format=base[1] if base else "csv",
        data_name=body["data_name"] if base else "", natural=natural[0] if natural else None,
        asker_id=bearer.account_id(), snapshots=tools.snapshots(), now=bearer.now(), new_id=tools.new_id(),
    )  # fmt: skip
    return show_rounds.show_round(slug, public_id, asker_id=bearer.account_id())


@wing.reads("/challenges/<slug>/rounds/<round_id>", shows=RoundView, scope="model")
def show_round(slug: str, round_id: str) -> RoundView:
    """How a round goes, and what it found"""
    return show_rounds.show_round(slug, round_id, asker_id=bearer.account_id())


@wing.writes(
    "POST",
    "/challenges/<slug>/rounds/<round_id>/promote",
    scope="model",
    takes=PromotionSchema,
    shows=RoundView,
)
def promote(body: dict[str, Any], slug: str, round_id: str) -> RoundView:
    """Let a round's machine play"""
    return promote_round.promote_round(
        slug, round_id, asker_id=bearer.account_id(), now=bearer.now(), force=body["force"]
    )


@wing.writes("POST", "/challenges/<slug>/rounds/<round_id>/roll-back", scope="model", shows=RoundView)
def roll_back(slug: str, round_id: str) -> RoundView:
    """Back to the machine before"""
    return roll_back_round.roll_back_round(slug, round_id, asker_id=bearer.account_id(), now=bearer.now())


@wing.lists("/challenges/<slug>/scans", of=ScanView, scope="model")
def list_scans(asked: Asked, slug: str) -> tuple[list[ScanView], str | None]:
    """How common each cluster is in the latest crawls that were scanned, newest first; the command line scans"""
    return asked.cut(show_scan.list_scans(slug, asker_id=bearer.account_id()))


@wing.reads("/challenges/<slug>/scans/<scan_id>", shows=ScanView, scope="model")
def show_one_scan(slug: str, scan_id: str) -> ScanView:
    """What one scan estimates of each cluster"""
    return show_scan.show_scan(slug, scan_id, asker_id=bearer.account_id())


def find_cluster(slug: str, cluster_id: str, cursor: str | None = None) -> ClusterView:
    return show_cluster.show_cluster(
        slug, cluster_id, asker_id=bearer.account_id(), cursor=cursor or None, now=bearer.now()
    )
