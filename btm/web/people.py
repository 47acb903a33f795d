"""Accounts: register, log in and out, password, sessions."""

from __future__ import annotations

import secrets

from flask import Blueprint, Response, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm

from btm.rules.errors import Conflict, DomainError, Forbidden, Invalid
from btm.rules.tokens import DEFAULT_DAYS, SCOPES
from btm.services import change_password, erase_account, export_own_data, note_device, sessions, tokens
from btm.services import log_in as log_in_service
from btm.services import register as register_service
from btm.web import clock, forms, identity, limits

bp = Blueprint("people", __name__)


@bp.get("/register")
def register() -> ResponseReturnValue:
    return entry_page("register", forms.RegisterForm(formdata=None))


@bp.post("/register")
@limits.registering
def take_registration() -> ResponseReturnValue:
    form, old_token = forms.RegisterForm(), identity.current_token()
    try:
        forms.check(form)
        account_id = register_service.register(
            form.handle.data, form.password.data, visitor_id=identity.visitor_id(), now=clock.now()
        )
    except Invalid as error:
        forms.blame(form, error)
        return entry_page("register", form, error.status)
    token = identity.new_token()
    sessions.start_session(account_id, new_token=token, device=identity.device_name(), now=clock.now())
    return enter(token, old_token, form.next.data)


@bp.get("/login")
def log_in() -> ResponseReturnValue:
    return entry_page("log_in", forms.LogInForm(formdata=None))


@bp.post("/login")
@limits.logging_in
@limits.logging_in_as
def take_log_in() -> ResponseReturnValue:
    form, old_token = forms.LogInForm(), identity.current_token()
    try:
        forms.check(form)
        token = log_in_service.log_in(
            form.handle.data,
            form.password.data,
            visitor_id=identity.visitor_id(),
            new_token=identity.new_token(),
            device=identity.device_name(),
            now=clock.now(),
        )
    except (Invalid, Forbidden) as error:
        return entry_page("log_in", form, error.status, error)
    return enter(token, old_token, form.next.data)


@bp.post("/logout")
def log_out() -> ResponseReturnValue:
    sessions.log_out(identity.current_token())
    session.clear()
    return redirect(url_for("challenges.home"), 303)


@bp.get("/me/settings")
@identity.sign_in_needed
def settings() -> ResponseReturnValue:
    return settings_page(forms.PasswordForm(formdata=None))


@bp.post("/me/settings/password")
@identity.sign_in_needed
@limits.logging_in
def set_password() -> ResponseReturnValue:
    form, token = forms.PasswordForm(), identity.current_token()
    try:
        forms.check(form)
        change_password.change_password(
            identity.member_id(), form.old.data, form.new.data, keep_token=token, now=clock.now()
        )
    except (Invalid, Forbidden) as error:
        if isinstance(error, Invalid):
            forms.blame(form, error)
        else:
            form.old.errors = [error.sentence]
        return settings_page(form, error.status)
    flash("Your password is changed. Every other session of yours has ended.")
    return redirect(url_for("people.settings"), 303)


@bp.post("/me/settings/sessions/<int:session_id>/end")
@identity.sign_in_needed
def end_session(session_id: int) -> ResponseReturnValue:
    sessions.revoke_session(identity.member_id(), session_id)
    flash("That session has ended.")
    return redirect(url_for("people.settings"), 303)


@bp.post("/me/settings/tokens")
@identity.sign_in_needed
@limits.logging_in
def make_token() -> ResponseReturnValue:
    """The page that this answers is the only one that ever shows the token."""
    form = request.form
    try:
        token = tokens.make_token(
            identity.member_id(), form.get("name", ""), form.getlist("scopes"), days=form.get("days", 0, type=int),
            secret=identity.new_token(), now=clock.now(),
        )  # fmt: skip
    except (Invalid, Conflict) as error:
        return settings_page(forms.PasswordForm(formdata=None), error.status, token_error=error)
    return settings_page(forms.PasswordForm(formdata=None), new_token=token)


@bp.post("/me/settings/tokens/<int:token_id>/revoke")
@identity.sign_in_needed
def revoke_token(token_id: int) -> ResponseReturnValue:
    tokens.revoke_token(identity.member_id(), token_id)
    flash("That token is worth nothing any more.")
    return redirect(url_for("people.settings"), 303)


@bp.get("/me/data.json")
@identity.sign_in_needed
@limits.logging_in
def own_data() -> ResponseReturnValue:
    text = export_own_data.export_own_data(identity.member_id(), now=clock.now())
    named = {"Content-Disposition": "attachment; filename=my-data.json", "Cache-Control": "no-store"}
    return Response(text, mimetype="application/json", headers=named)


@bp.get("/me/delete")
@identity.sign_in_needed
def leaving() -> ResponseReturnValue:
    return leaving_page(forms.LeaveForm(formdata=None))


@bp.post("/me/delete")
@identity.sign_in_needed
@limits.logging_in
def leave() -> ResponseReturnValue:
    form = forms.LeaveForm()
    try:
        forms.check(form)
        erase_account.erase_account(
            identity.member_id(),
            giving_up=int(form.giving_up.data) if form.agreed.data else 0,
            password=form.password.data,
            now=clock.now(),
            new_id=secrets.token_hex(8),
        )
    except (Invalid, Forbidden, Conflict) as error:
        if error.code == "wrong_password":
            form.password.errors = [error.sentence]
        return leaving_page(form, error.status, error)
    session.clear()
    flash("Your account is deleted. Thank you for playing.")
    return redirect(url_for("challenges.home"), 303)


def leaving_page(form: FlaskForm, status: int = 200, error: DomainError | None = None) -> ResponseReturnValue:
    view = erase_account.show_erasure(identity.member_id(), now=clock.now())
    return render_template("people/leave.html", form=form, view=view, error=error), status


def entry_page(
    name: str, form: FlaskForm, status: int = 200, error: DomainError | None = None
) -> ResponseReturnValue:
    """The register or log-in page; somebody who is in already is sent on."""
    target = identity.safe_next(request.values.get("next"))
    if identity.current_member() and request.method == "GET":
        return redirect(target)
    return render_template(f"people/{name}.html", form=form, target=target, error=error), status


def enter(token: str, old_token: str, target: str | None) -> ResponseReturnValue:
    """Carry on as the owner of `token`; the session that one came with ends."""
    if old_token and old_token != token:
        sessions.log_out(old_token)
    identity.keep_token(token)
    account = sessions.find_account(token, now=clock.now())
    if account is not None:
        mark = identity.fingerprint()
        if mark:
            note_device.note_device(account.id, fingerprint=mark, now=clock.now())
    return redirect(identity.safe_next(target), 303)


def settings_page(
    form: FlaskForm, status: int = 200, *, new_token: str = "", token_error: DomainError | None = None
) -> ResponseReturnValue:
    member_id, now = identity.member_id(), clock.now()
    rows = sessions.list_sessions(member_id, identity.current_token(), now=now)
    page = render_template(
        "people/settings.html",
        form=form,
        sessions=rows,
        tokens=tokens.list_tokens(member_id, now=now),
        scopes=SCOPES,
        days=DEFAULT_DAYS,
        new_token=new_token,
        token_error=token_error,
        asked=request.form,
    )
    return page, status
