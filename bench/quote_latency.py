"""How long from pasting an address until the card shows an offer or a refusal, on the running product.

Four players paste real pages, served from loopback, one after another; each then asks for its card as the page's script
does. What is measured is what a person waits: from the POST of the address to the poll that brings the answer.

    python bench/quote_latency.py [--pages 100] [--players 4] [--limit 2.0] [--profile]

Ends with exit code 1 where p95 is above the limit. The development data is needed (`BTM_TEST_DATA`, or `../shared/data`).
"""

from __future__ import annotations

import argparse
import random
import re
import sqlite3
import statistics
import sys
import tempfile
import threading
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import requests

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.e2e.server import Product, running
from tests.e2e.site import PageSite, data_folder

SEED = 2011
FIRST_WAIT, LONGEST_WAIT, PATIENCE, SLACKENS = 0.3, 4.0, 12, 1.4
"""static/js/probe.js: the pause between polls, its most, and after how many polls it grows by how much."""
MOST_SECONDS = 60.0
CHALLENGES = ("drugs", "drugs-lookalikes", "alcohol", "alcohol-lookalikes")
TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
STATE = re.compile(r'data-card="([^"]+)" data-state="([^"]+)"')


@dataclass(frozen=True)
class Wait:
    """One address: seconds until the answer, of those how many for the POST, the polls, and what the answer was."""

    url: str
    seconds: float
    post_seconds: float
    polls: int
    state: str


class Player:
    """A browser's share of the work, and no more: forms, cookies, partial answers."""

    def __init__(self, base: str, handle: str) -> None:
        self.base, self.http = base, requests.Session()
        self.http.trust_env = False
        page = self.http.get(f"{base}/register", timeout=30).text
        fields = {
            "csrf_token": found(TOKEN, page)[1],
            "handle": handle,
            "password": "a walk along the harbour",
            "next": "/",
        }
        answer = self.http.post(f"{base}/register", data=fields, timeout=30, allow_redirects=False)
        if answer.status_code != 303:
            raise RuntimeError(f"{handle} could not register: {answer.status_code}")

    def ask(self, challenge: str, url: str) -> Wait:
        """Paste an address and poll its card until it has an answer."""
        token = found(TOKEN, self.http.get(f"{self.base}/c/{challenge}", timeout=30).text)[1]
        started = time.perf_counter()
        card = self._partial("POST", f"/c/{challenge}/submissions", {"csrf_token": token, "url": url})
        post_seconds = time.perf_counter() - started
        wait, polls = FIRST_WAIT, 0
        while "data-poll=" in card and time.perf_counter() - started < MOST_SECONDS:
            time.sleep(wait)
            if polls > PATIENCE:
                wait = min(wait * SLACKENS, LONGEST_WAIT)
            card = self._partial("GET", f"/s/{found(STATE, card)[1]}/card")
            polls += 1
        return Wait(url, time.perf_counter() - started, post_seconds, polls, found(STATE, card)[2])

    def _partial(self, method: str, path: str, data: dict[str, str] | None = None) -> str:
        answer = self.http.request(
            method,
            f"{self.base}{path}",
            data=data,
            timeout=30,
            headers={"X-Partial": "1", "Accept": "text/html"},
        )
        answer.raise_for_status()
        return answer.text


def found(pattern: re.Pattern[str], text: str) -> re.Match[str]:
    match = pattern.search(text)
    if match is None:
        raise RuntimeError(f"{pattern.pattern} is not in: {text[:300]}")
    return match


def measure(product: Product, site: PageSite, pages: int, players: int) -> list[Wait]:
    """Every page once, split among the players, who work side by side. The first page of each, unmeasured, warms up."""
    people = [Player(product.url, f"player-{number}") for number in range(players)]
    urls = random.Random(SEED).sample(site.real_urls, pages + players)
    for person, path in zip(people, urls[pages:], strict=True):
        person.ask("drugs", site.url(path))
    waits: list[Wait] = []
    queue = list(enumerate(urls[:pages]))
    lock = threading.Lock()

    def work(person: Player) -> None:
        while True:
            with lock:
                if not queue:
                    return
                number, path = queue.pop(0)
            wait = person.ask(CHALLENGES[number % len(CHALLENGES)], site.url(path))
            with lock:
                waits.append(wait)

    threads = [threading.Thread(target=work, args=(person,)) for person in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return waits


def percentile(values: list[float], share: float) -> float:
    """The smallest value that at least `share` of them do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, -(-len(ordered) * round(share * 100) // 100) - 1)]


def report(waits: list[Wait], wall: float) -> float:
    """Print what was measured; returns p95 in seconds."""
    seconds = [wait.seconds for wait in waits]
    p95 = percentile(seconds, 0.95)
    answers = ", ".join(
        f"{count} {state}" for state, count in Counter(wait.state for wait in waits).most_common()
    )
    print(f"{len(waits)} pages in {wall:.1f} s: {answers}")
    print(
        f"quote or refusal shown: p50 {percentile(seconds, 0.5):.2f} s, p95 {p95:.2f} s, max {max(seconds):.2f} s"
    )
    posts = [wait.post_seconds for wait in waits]
    print(
        f"the POST alone: p50 {percentile(posts, 0.5) * 1000:.0f} ms, p95 {percentile(posts, 0.95) * 1000:.0f} ms; polls {statistics.mean(wait.polls for wait in waits):.1f} on average"
    )
    for wait in sorted(waits, key=lambda one: -one.seconds)[:5]:
        print(f"  {wait.seconds:.2f} s  {wait.polls} polls  {wait.state}  {wait.url[:100]}")
    return p95


def server_side(database: Path) -> None:
    """From the rows: how long after its POST each offer was written."""
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as connection:
        rows = connection.execute(
            "select (julianday(p.fetched_at) - julianday(s.created_at)) * 86400, "
            "(julianday(q.quoted_at) - julianday(s.created_at)) * 86400 "
            "from submission s join page p on p.id = s.page_id join quote q on q.submission_id = s.id"
        ).fetchall()
    for name, column in (("page read", 0), ("offer written", 1)):
        values = [row[column] for row in rows]
        print(
            f"in the database, {name}: p50 {percentile(values, 0.5):.2f} s, p95 {percentile(values, 0.95):.2f} s after the POST"
        )


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Measure how long a pasted address waits for its answer.")
    parser.add_argument("--pages", type=int, default=100)
    parser.add_argument("--players", type=int, default=4)
    parser.add_argument("--limit", type=float, default=2.0, help="seconds that p95 may take; 0 for no limit")
    parser.add_argument("--profile", action="store_true", help="also print times from the database")
    options = parser.parse_args(arguments)
    data = data_folder()
    if data is None:
        print("The development data is needed: name it in BTM_TEST_DATA.", file=sys.stderr)
        return 2
    with (
        tempfile.TemporaryDirectory() as folder,
        PageSite(data).serving() as site,
        running(Path(folder)) as product,
    ):
        started = time.perf_counter()
        waits = measure(product, site, options.pages, options.players)
        p95 = report(waits, time.perf_counter() - started)
        if options.profile:
            server_side(Path(folder) / "btm.db")
    return 1 if options.limit and p95 > options.limit else 0


if __name__ == "__main__":
    sys.exit(main())
