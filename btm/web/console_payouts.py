"""Payouts for admins: what is due, batches of payments from freezing to reconciling, and the record of what privileged people did."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from btm.rules.errors import Conflict, DomainError, Forbidden, Invalid, NotFound
from btm.services import freeze_payouts, move_batch, reconcile_payouts, show_acts, show_payouts
from btm.services.payout_facts import PLATFORMS
from btm.services.views_payouts import BatchView, PayableView
from btm.web import clock, corpus, identity
from btm.web.console_money import moment

bp = Blueprint("console_payouts", __name__, url_prefix="/console")

STEPS: dict[str, tuple[Callable[..., BatchView], str]] = {
    "freeze": (freeze_payouts.freeze_batch, "Frozen. Look it over, then approve it."),
    "approve": (move_batch.approve_batch, "Approved. It can be paid."),
    "pay": (move_batch.pay_batch, "It is being paid."),
    "retry": (move_batch.retry_refused, "What was refused is tried once more."),
    "cancel": (move_batch.cancel_batch, "Cancelled. Everybody has their points again."),
    "give_back": (move_batch.give_back_refused, "What was refused is back in the workers' points."),
}


@bp.get("/payouts")
@identity.modeler_needed
def payouts() -> ResponseReturnValue:
    return payouts_page()


@bp.post("/payouts")
@identity.modeler_needed
def freeze() -> ResponseReturnValue:
    """Say who would be paid what, or freeze it."""
    now, asker = clock.now(), identity.member_id()
    try:
        terms = read_terms(now)
        due = freeze_payouts.show_payable(**terms, asker_id=asker, now=now)
        if "look" in request.form or not due.payees:
            return payouts_page(due=due)
        made = freeze_payouts.open_batch(**terms, asker_id=asker, now=now, new_id=identity.new_id())
        freeze_payouts.freeze_batch(made.public_id, asker_id=asker, now=now)
    except (Invalid, Conflict) as error:
        return payouts_page(error)
    flash(STEPS["freeze"][1])
    return redirect(url_for("console_payouts.batch", public_id=made.public_id), 303)


@bp.get("/payouts/<public_id>")
@identity.modeler_needed
def batch(public_id: str) -> ResponseReturnValue:
    return batch_page(public_id)


@bp.post("/payouts/<public_id>/<step>")
@identity.modeler_needed
def move(public_id: str, step: str) -> ResponseReturnValue:
    if step not in STEPS:
        raise NotFound("There is no such step.")
    take, said = STEPS[step]
    more = {"four_eyes": four_eyes()} if step == "approve" else {}
    try:
        take(public_id, asker_id=identity.member_id(), now=clock.now(), **more)
    except (Conflict, Forbidden) as error:
        return batch_page(public_id, error)
    flash(said)
    return redirect(url_for("console_payouts.batch", public_id=public_id), 303)


@bp.post("/payouts/<public_id>/reconcile")
@identity.modeler_needed
def reconcile(public_id: str) -> ResponseReturnValue:
    file = request.files.get("data")
    data = file.read() if file is not None and file.filename else None
    try:
        view = reconcile_payouts.reconcile_batch(
            public_id, data, asker_id=identity.member_id(), now=clock.now()
        )
    except (Conflict, Invalid) as error:
        return batch_page(public_id, error)
    flash("The platform is being asked." if view.is_busy else "Compared.")
    return redirect(url_for("console_payouts.batch", public_id=public_id), 303)


@bp.get("/payouts/<public_id>/bank.csv")
@identity.modeler_needed
def bank_file(public_id: str) -> ResponseReturnValue:
    rows = show_payouts.write_bank_file(public_id, asker_id=identity.member_id(), now=clock.now())
    return corpus.attachment(rows, f"payout-{public_id}.csv", "text/csv; charset=utf-8")


@bp.get("/acts")
@identity.modeler_needed
def acts() -> ResponseReturnValue:
    asked = {name: request.args.get(name, "").strip() for name in ("subject", "verb", "who")}
    page = show_acts.show_acts(
        asker_id=identity.member_id(), subject=asked["subject"], verb=asked["verb"], who=asked["who"],
        cursor=request.args.get("cursor") or None,
    )  # fmt: skip
    return render_template("money/acts.html", page=page, asked=asked)


def read_terms(now: datetime) -> dict[str, Any]:
    return {
        "platform": request.form.get("platform", ""),
        "cutoff": moment("cutoff") or now,
        "least_cents": cents("least"),
    }


def cents(field: str) -> int:
    """An amount of dollars as whole cents. Raises Invalid for anything else."""
    try:
        amount = Decimal(request.form.get(field, "").strip().removeprefix("$")) * 100
        if amount != amount.to_integral_value() or abs(amount) > 10**9:
            raise InvalidOperation
    except (InvalidOperation, ValueError) as error:
        raise Invalid("Write dollars, such as 1 or 0.50.", field=field) from error
    return int(amount)


def payouts_page(fault: DomainError | None = None, due: PayableView | None = None) -> ResponseReturnValue:
    listed = show_payouts.list_batches(
        asker_id=identity.member_id(), cursor=request.args.get("cursor") or None
    )
    page = render_template(
        "money/payouts.html", listed=listed, fault=fault, due=due, platforms=PLATFORMS, now=clock.now()
    )
    return page, fault.status if fault else 200


def batch_page(public_id: str, fault: DomainError | None = None) -> ResponseReturnValue:
    view = show_payouts.show_batch(
        public_id, asker_id=identity.member_id(), cursor=request.args.get("cursor") or None
    )
    member = identity.current_member()
    mine = member is not None and view.frozen_by == member.handle
    page = render_template(
        "money/batch.html",
        batch=view,
        fault=fault,
        waits_for_another=four_eyes() and "approve" in view.may and mine,
    )
    return page, fault.status if fault else 200


def four_eyes() -> bool:
    """Whether another person has to approve a batch than the one who froze it."""
    return bool(current_app.extensions["btm_settings"].payout_four_eyes)
