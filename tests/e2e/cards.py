"""A submission's card, read from the page."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Card:
    """What a submission's card says. `novelty` is as shown, to a few decimals; None where there is no quote."""

    id: str
    state: str
    words: str
    points: int | None
    novelty: float | None
    sure_of_100: int | None
    repeats: str | None


def read_card(page: Any) -> Card:
    """The card on a page."""
    card = page.locator("[data-card]")
    words = card.inner_text()
    points = card.locator(".offer-points b")
    novelty = card.get_by_role("row", name=re.compile("new this is")).locator("td")
    sure = re.search(r"right about (\d+)", words)
    repeats = card.locator('.refusal a[href*="/s/"]')
    return Card(
        id=card.get_attribute("data-card"),
        state=card.get_attribute("data-state"),
        words=words,
        points=number(points.first.inner_text()) if points.count() else None,
        novelty=float(novelty.first.text_content().strip(" ×\n")) if novelty.count() else None,
        sure_of_100=int(sure[1]) if sure else None,
        repeats=repeats.get_attribute("href") if repeats.count() else None,
    )


def number(text: str) -> int:
    """A number as it is set on the page: thin spaces between thousands, a real minus."""
    digits = re.sub(r"[^\d\u2212-]", "", text).replace("\u2212", "-")
    return int(digits)
