"""What people do in their browsers. Every wait is for something on the page."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from .cards import Card, number, read_card

PATIENCE = 60_000
PASSWORD = "a walk along the harbour wall"
SETTLED = ("confirmed", "rejected", "undecided", "refused", "withdrawn")


@dataclass
class Watch:
    """Whatever a browser complained about, with the page that it was on."""

    complaints: list[str] = field(default_factory=list)

    def over(self, page: Any) -> None:
        page.on("console", lambda line: self._hear(page, line.type, line.text))
        page.on("pageerror", lambda error: self.complaints.append(f"{page.url}: {error}"))

    def _hear(self, page: Any, kind: str, text: str) -> None:
        # Chromium itself reports every answer of 400 and above, asked for or not; the tests look at those answers.
        if kind == "error" and not text.startswith("Failed to load resource"):
            self.complaints.append(f"{page.url}: {text}")


class Person:
    """Somebody with a browser of their own."""

    def __init__(self, browser: Any, base: str, handle: str, watch: Watch, **options: Any) -> None:
        self.base, self.handle, self.watch = base, handle, watch
        self.context = browser.new_context(reduced_motion="reduce", **options)
        self.context.set_default_timeout(PATIENCE)
        self.page = self.tab()

    def tab(self) -> Any:
        page = self.context.new_page()
        self.watch.over(page)
        return page

    def go(self, path: str) -> Any:
        self.page.goto(f"{self.base}{path}")
        return self.page

    def register(self, path: str | None = "/register") -> None:
        """Make the account, from the page that is open where `path` is None."""
        page = self.go(path) if path else self.page
        page.locator("input[name=handle]").fill(self.handle)
        page.locator("input[name=password]").fill(PASSWORD)
        page.locator("main form button").click()
        page.locator("details.menu").wait_for()

    def log_in(self, password: str = PASSWORD) -> None:
        page = self.go("/login")
        page.locator("input[name=handle]").fill(self.handle)
        page.locator("input[name=password]").fill(password)
        page.locator("main form button").click()
        page.locator("details.menu").wait_for()

    def balance(self) -> int:
        """The points that the top of every page shows."""
        return number(self.go("/").locator("details.menu summary b").inner_text())

    def ask(self, challenge: str, url: str, tab: Any = None) -> Any:
        """Paste an address. Returns the tab, whose card will answer."""
        page = tab or self.page
        page.goto(f"{self.base}/c/{challenge}")
        box = page.locator("[data-probe] input[name=url]")
        box.fill(url)
        box.press("Enter")
        return page

    def answer(self, tab: Any = None) -> Card:
        """Wait until the card has one."""
        page = tab or self.page
        page.locator("[data-card]:not([data-poll])").wait_for()
        return read_card(page)

    def probe(self, challenge: str, url: str) -> Card:
        self.ask(challenge, url)
        return self.answer()

    def act(self, what: str, becomes: str, tab: Any = None) -> None:
        """Press the button of the card's form that commits or withdraws."""
        page = tab or self.page
        page.locator(f'[data-card] form[action$="/{what}"] button').click()
        page.locator(f'[data-card][data-state="{becomes}"]').wait_for()

    def look_at(self, submission: str) -> Card:
        self.go(f"/s/{submission}")
        return read_card(self.page)

    def wait_until_settled(self, submission: str, patience: float = 60.0) -> Card:
        """Open a submission's page anew until its verdict is there."""
        deadline = time.monotonic() + patience
        while (card := self.look_at(submission)).state not in SETTLED:
            assert time.monotonic() < deadline, f"{submission} is still {card.state}"
        return card

    def take_test(self, challenge: str, answers: list[str]) -> bool:
        """Take a challenge's short test; whether it was passed."""
        page = self.go(f"/c/{challenge}/qualify")
        for cover in page.locator("main form details summary").all():
            cover.click()
        for question, label in enumerate(answers):
            page.locator(f'input[name="item-{question}"][value="{label}"]').check()
        page.locator("main form button").last.click()
        page.locator(".test-answers, .test-result").first.wait_for()
        return page.locator(".test-result.is-passed").count() == 1

    def judge(self, challenge: str, decide: Callable[[str], str], most: int = 100) -> list[tuple[str, str]]:
        """Judge with the number keys until nothing waits, or `most` pages were read. `decide` says the label of a title, or
        `cannot`. Returns titles and answers."""
        page = self.go(f"/c/{challenge}/judge")
        given: list[tuple[str, str]] = []
        while len(given) < most and (item := page.locator("[data-item]").get_attribute("data-item")):
            title = self._read(page)
            label = decide(title)
            given.append((title, label))
            self._press(page, label)
            page.locator(f'[data-item]:not([data-item="{item}"])').wait_for()
            assert not page.locator("[data-told]").count(), page.locator("[data-told]").inner_text()
        if given:
            self._send(page)
        return given

    def _read(self, page: Any) -> str:
        """The title of the page to judge, uncovered first where it is covered."""
        if page.locator("[data-item] details.cover:not([open])").count():
            page.locator("[data-item] details.cover summary").press("Enter")
        title = page.locator("[data-item] .page-title").first
        title.wait_for()
        return " ".join(title.inner_text().split())

    def _press(self, page: Any, label: str) -> None:
        if label == "cannot":
            page.locator("[data-item] details.cannot summary").press("Enter")
            page.locator('[data-item] button[name="cannot"][value="unsure"]').click()
            return
        values = page.locator("[data-item] button.answer").evaluate_all("all => all.map(one => one.value)")
        page.keyboard.press(str(values.index(label) + 1))

    def _send(self, page: Any) -> None:
        """Send the last answer now, rather than when its five seconds are over."""
        page.evaluate("document.activeElement.blur()")
        if page.locator("[data-undo]").is_visible():
            with page.expect_response(lambda answer: answer.request.method == "POST") as sent:
                page.keyboard.press("Enter")
            assert sent.value.status == 204, f"an answer was turned down with {sent.value.status}"

    def statement(self) -> tuple[dict[str, int], list[tuple[str, int, str]]]:
        """The sums (waiting, approved, paid), and every entry as (kind, points, reason), newest first."""
        page = self.go("/me")
        sums = {
            name: number(page.locator(f".sum-{name} .points b").inner_text())
            for name in ("waiting", "approved", "paid")
        }
        lines: list[tuple[str, int, str]] = []
        while True:
            for row in page.locator("table.ledger tbody tr").all():
                kind = row.locator(".ledger-kind").inner_text()
                lines.append(
                    (
                        kind,
                        number(row.locator(".ledger-points").inner_text()),
                        row.locator(".ledger-what").inner_text(),
                    )
                )
            older = page.get_by_role("link", name="Earlier entries")
            if not older.count():
                return sums, lines
            older.click()
            page.get_by_role("heading", name="Earlier entries").wait_for()

    def board(self, path: str) -> list[tuple[str, int, int]]:
        """A leaderboard as (name, finds, points), best first."""
        page = self.go(path)
        return [
            (
                row.locator("th").inner_text().split()[0],
                number(row.locator("td.num").nth(0).inner_text()),
                number(row.locator("td.num").nth(1).inner_text()),
            )
            for row in page.locator("table.leaders tbody tr").all()
        ]

    def console(self) -> dict[str, Mapping[str, int]]:
        """The console's figures by challenge title, each by its heading."""
        page = self.go("/console")
        rows = {}
        for row in page.locator(".console-row").all():
            heads = [head.lower() for head in row.locator("dt").all_text_contents()]
            cells = [number(text) for text in row.locator("dd").all_text_contents()]
            rows[row.locator("h2 a").inner_text()] = dict(zip(heads, cells, strict=True))
        return rows

    def close(self) -> None:
        self.context.close()
