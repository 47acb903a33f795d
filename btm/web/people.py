"""Accounts: register, log in and out, password, sessions."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm

from btm.rules.errors import DomainError, Forbidden, Invalid
from btm.services import change_password, sessions
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
    return redirect(identity.safe_next(target), 303)


def settings_page(form: FlaskForm, status: int = 200) -> ResponseReturnValue:
    rows = sessions.list_sessions(identity.member_id(), identity.current_token(), now=clock.now())
    return render_template("people/settings.html", form=form, sessions=rows), status
