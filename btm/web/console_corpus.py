"""The corpus of a challenge for its modelers: what was found, the map of it, and each cluster as a short report."""

from __future__ import annotations

from flask import Blueprint, flash, jsonify, redirect, render_template, request, url_for
from flask.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue

from btm.rules.errors import Invalid
from btm.services import edit_cluster, export_corpus, show_cluster, show_corpus, show_map
from btm.web import charts_corpus, charts_map, clock, identity
from btm.web.console_judges import challenge_of, status_of

bp = Blueprint("console_corpus", __name__, url_prefix="/console/c/<slug>")

BY = {"cluster": "Cluster", "severity": "Severity", "state": "Status"}


@bp.get("/corpus")
@identity.modeler_needed
def corpus(slug: str) -> ResponseReturnValue:
    view = show_corpus.show_corpus(slug, asker_id=identity.member_id(), now=clock.now())
    return render_template(
        "clusters/corpus.html", desk=challenge_of(slug), view=view, formats=export_corpus.FORMATS
    )


@bp.get("/map")
@identity.modeler_needed
def map(slug: str) -> ResponseReturnValue:
    by = request.args.get("by", "")
    by = by if by in BY else next(iter(BY))
    view = show_map.show_map(slug, asker_id=identity.member_id())
    return render_template("clusters/map.html", desk=challenge_of(slug), view=view, by=by, ways=BY)


@bp.get("/map/finds.json")
@identity.modeler_needed
def finds(slug: str) -> ResponseReturnValue:
    """What the map's script shows of a find under the pointer: fetched once it is wanted, so that the page itself stays small."""
    return jsonify(charts_map.table(show_map.show_map(slug, asker_id=identity.member_id())))


@bp.get("/clusters/<cluster_id>")
@identity.modeler_needed
def cluster(slug: str, cluster_id: str) -> ResponseReturnValue:
    return cluster_page(slug, cluster_id)


@bp.post("/clusters/<cluster_id>")
@identity.modeler_needed
def edit(slug: str, cluster_id: str) -> ResponseReturnValue:
    form = request.form
    try:
        edit_cluster.edit_cluster(
            slug,
            cluster_id,
            name=form.get("name", "").strip(),
            notes=form.get("notes", "").strip(),
            asker_id=identity.member_id(),
            now=clock.now(),
        )
    except Invalid as error:
        return cluster_page(slug, cluster_id, error)
    flash("Kept. The name and the notes stay with this cluster when finds are grouped anew.")
    return redirect(url_for("console_corpus.cluster", slug=slug, cluster_id=cluster_id), 303)


def cluster_page(slug: str, cluster_id: str, fault: Invalid | None = None) -> ResponseReturnValue:
    cursor = request.args.get("cursor") or None
    view = show_cluster.show_cluster(
        slug, cluster_id, asker_id=identity.member_id(), cursor=cursor, now=clock.now()
    )
    page = render_template(
        "clusters/cluster.html", desk=challenge_of(slug), view=view, fault=fault, is_first_page=cursor is None
    )
    return page, status_of(fault)


@bp.record_once
def hand_over(state: BlueprintSetupState) -> None:
    """The geometry of pictures, for the templates in templates/clusters/ and templates/charts/."""
    state.app.jinja_env.globals["corpus_charts"] = charts_corpus
    state.app.jinja_env.globals["map_charts"] = charts_map
