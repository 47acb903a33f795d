"""The forms. They check shape only; what is allowed is for the services to say. Every post carries a CSRF token."""

from __future__ import annotations

from flask_wtf import CSRFProtect, FlaskForm
from flask_wtf.file import FileField
from wtforms import BooleanField, HiddenField, PasswordField, StringField
from wtforms.validators import DataRequired, InputRequired, Length, Regexp

from btm.rules.errors import Invalid

csrf = CSRFProtect()


def stripped(value: str | None) -> str | None:
    return value.strip() if value else value


class Form(FlaskForm):  # type: ignore[misc]
    """A form with a CSRF token."""


class ProbeForm(Form):
    url = StringField(
        "Address of the page",
        filters=[stripped],
        validators=[
            DataRequired("Paste the address of a page first."),
            Length(max=2000, message="That address is too long: 2 000 characters at most."),
        ],
    )
    label = StringField("What kind of page is it?", filters=[stripped], validators=[Length(max=40)])


class LogInForm(Form):
    handle = StringField(
        "Name", filters=[stripped], validators=[DataRequired("Enter your name."), Length(max=100)]
    )
    password = PasswordField("Password", validators=[InputRequired("Enter your password."), Length(max=1000)])
    next = HiddenField()


class RegisterForm(Form):
    handle = StringField(
        "Name", filters=[stripped], validators=[DataRequired("Choose a name."), Length(max=100)]
    )
    password = PasswordField("Password", validators=[InputRequired("Choose a password."), Length(max=1000)])
    next = HiddenField()


class PasswordForm(Form):
    old = PasswordField(
        "Current password", validators=[InputRequired("Enter your current password."), Length(max=1000)]
    )
    new = PasswordField("New password", validators=[InputRequired("Enter a new password."), Length(max=1000)])


class LeaveForm(Form):
    password = PasswordField("Your password", validators=[Length(max=1000)])
    giving_up = HiddenField(
        filters=[lambda value: value or "0"],
        validators=[Regexp(r"^\d{1,12}$", message="Reload the page and try again.")],
    )
    agreed = BooleanField("Give them up")


class TrainForm(Form):
    name = StringField(
        "Name", filters=[stripped], validators=[DataRequired("Give the machine a name."), Length(max=100)]
    )
    data = FileField("Labelled pages", validators=[DataRequired("Choose a file first.")])


class EvaluateForm(Form):
    data = FileField("Labelled pages")
    probes = HiddenField()


class EndpointForm(Form):
    name = StringField(
        "Name", filters=[stripped], validators=[DataRequired("Give the machine a name."), Length(max=100)]
    )
    url = StringField(
        "Address of the endpoint",
        filters=[stripped],
        validators=[DataRequired("Enter the endpoint's address."), Length(max=2000)],
    )
    labels = StringField(
        "Labels, in the order of its answers",
        filters=[stripped],
        validators=[DataRequired("Name the labels."), Length(max=2000)],
    )
    timeout = StringField(
        "Timeout, in seconds", filters=[stripped], validators=[DataRequired("Enter a number of seconds.")]
    )
    key_variable = StringField("Variable of its key", filters=[stripped], validators=[Length(max=100)])


def check(form: FlaskForm) -> None:
    """Raise Invalid with the form's first complaint, so that shape and policy fail along one path."""
    if not form.validate():
        field, messages = next(iter(form.errors.items()))
        raise Invalid(str(messages[0]), field=field)


def blame(form: FlaskForm, error: Invalid) -> None:
    """Show `error` at the field that it names, or at the form's first."""
    names = [name for name in form._fields if name != "csrf_token"]
    field = form._fields[error.field if error.field in form._fields else names[0]]
    field.errors = [error.sentence]
