"""Numbers, money and times as they are set on the page."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from urllib.parse import urlsplit

from flask import Flask
from markupsafe import Markup

from btm.services.views_play import QuoteView
from btm.web import clock

THIN = "\u202f"  # narrow no-break space
STEPS = ((60, 1, "second"), (3600, 60, "minute"), (86400, 3600, "hour"), (86400 * 30, 86400, "day"))


def register_filters(app: Flask) -> None:
    for function in (
        number,
        signed,
        points,
        dollars,
        usd,
        ago,
        stamp,
        host,
        percent,
        share,
        exact,
        factor_digits,
        measure,
    ):
        app.jinja_env.filters[function.__name__] = function
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True


def number(value: int) -> str:
    """A whole number with thin spaces: 12 400."""
    return f"{value:,}".replace(",", THIN).replace("-", "\u2212")


def signed(value: int) -> str:
    """A whole number with its sign, as a ledger shows it."""
    return f"+{number(value)}" if value > 0 else number(value)


def points(value: int) -> Markup:
    """Points: bold numerals and their unit. Never looks like money."""
    unit = "point" if abs(value) == 1 else "points"
    return Markup('<span class="points"><b>{}</b> <span class="unit">{}</span></span>').format(
        number(value), unit
    )


def dollars(value: int, points_per_usd: int) -> Markup:
    """What so many points are worth: $1 240.50, or cents below ten of them; nothing where they are for points only. Never looks like
    points."""
    if not points_per_usd:
        return Markup("")
    amount = value / points_per_usd
    if amount and abs(amount) < 0.1:
        text = f"{amount * 100:.2f}".rstrip("0").rstrip(".") + f"{THIN}¢"
    else:
        text = f"${amount:,.2f}".replace(",", THIN)
    return Markup('<span class="money">{}</span>').format(
        text.replace("$-", "\u2212$").replace("-", "\u2212")
    )


def usd(cents: int) -> Markup:
    """Whole cents as money: $1 240.50."""
    text = f"{abs(cents) // 100:,}.{abs(cents) % 100:02}".replace(",", THIN)
    return Markup('<span class="money">{}${}</span>').format("\u2212" if cents < 0 else "", text)


def percent(value: float) -> str:
    """A share for a person: 97%, never 100% unless it is."""
    shown = round(value * 100)
    if shown >= 100 and value < 1:
        shown = 99
    if shown <= 0 and value > 0:
        shown = 1
    return f"{shown}%"


def share(value: float) -> str:
    """A share for a modeler, to two digits: 0.65."""
    return f"{value:.2f}"


def exact(value: float) -> str:
    """A measured value for a modeler, always to three digits, so that columns line up: 0.900."""
    return f"{value:.3f}".replace("-", "\u2212")


def ago(moment: datetime | None) -> Markup:
    """A relative time, with the exact one on hover; a script keeps it fresh."""
    if moment is None:
        return Markup("never")
    moment = in_utc(moment)
    exact = moment.strftime("%-d %B %Y, %H:%M UTC")
    return Markup('<time datetime="{}" title="{}" data-relative>{}</time>').format(
        stamp(moment), exact, relative(moment)
    )


def stamp(moment: datetime) -> str:
    """For a program: ISO 8601 in UTC."""
    return in_utc(moment).isoformat(timespec="seconds")


def in_utc(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def relative(moment: datetime) -> str:
    """In words: "just now", "3 minutes ago", "in 6 days"; a date when it is over a month away."""
    seconds = (clock.now() - moment).total_seconds()
    distance = abs(seconds)
    if distance < 10:
        return "just now" if seconds >= 0 else "in a moment"
    for below, unit_seconds, unit in STEPS:
        if distance < below:
            count = int(distance // unit_seconds) if seconds >= 0 else round(distance / unit_seconds)
            words = f"{count} {unit}{'' if count == 1 else 's'}"
            return f"{words} ago" if seconds >= 0 else f"in {words}"
    return moment.astimezone(UTC).strftime("%-d %b %Y")


def host(url: str) -> str:
    """The host of a URL, without `www.`."""
    return (urlsplit(url).hostname or url).removeprefix("www.")


def factor_digits(quote: QuoteView) -> int:
    """The fewest decimals (2 to 4) at which the factors, as shown, multiply to the points, as shown."""
    for digits in (2, 3, 4):
        product = quote.max_bonus * round(quote.severity_factor, digits) * round(quote.novelty, digits)
        if abs(min(quote.max_bonus, product * round(quote.prevalence, digits)) - quote.points) <= 0.5:
            return digits
    return 3


def measure(value: object) -> str:
    """A value of a model card: whole numbers with thin spaces, fractions to three digits, text as it is."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return number(value)
    if isinstance(value, float):
        return f"{value:.3f}".rstrip("0").rstrip(".") if abs(value) < 1000 else number(round(value))
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {measure(inner)}" for key, inner in value.items())
    return str(value)
