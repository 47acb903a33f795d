"""How long an honest page waits while twenty hostile servers are being fetched, against how long it waits alone, in one run.

An honest player pastes small pages, one after another, and asks for the card every twentieth of a second: first alone, then while
twenty others paste, again and again, addresses of a server that is silent, drips, never stops, sends bombs, heavy markup and loops. All is
on loopback; the running product has its usual settings.

    python bench/hostile.py [--pages 12] [--hostile 20] [--limit 2.0]

Ends with exit code 1 where the median wait is more than `--limit` times that alone. Takes about a minute.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.quote_latency import STATE, TOKEN, Player, found, percentile
from tests.e2e.server import Product, running
from tests.pages import hostile
from tests.pages.hostile import (
    HostileServer,
    answer,
    forever,
    gzip_bomb,
    page,
    redirect,
    silence,
    squeezed,
    then,
)
from tests.support import texts

POLL_SECONDS, MOST_SECONDS = 0.05, 60.0
SETTINGS = {f"BTM_LIMIT_{name}": "100000 per minute" for name in ("REGISTER", "PROBE")}
OK = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
KINDS = {
    "silent": silence,
    "drip": then(OK + b"\r\n", forever(b"<", 0.3)),
    "slow-head": then(b"HTTP/1.1 200 OK\r\n", forever(b"X: y\r\n", 0.3)),
    "endless": then(OK + b"\r\n", forever(b"<p>more and more of it</p>" * 3000)),
    "chunks": then(OK + b"Transfer-Encoding: chunked\r\n\r\n", forever(b"1\r\nx\r\n" * 2000)),
    "bomb": answer(gzip_bomb(1 << 28), Content_Encoding="gzip"),
    "bombs": answer(squeezed(gzip_bomb(1 << 28)), Content_Encoding="gzip"),
    "heavy": answer(page("<b><i><a><p>" * 25_000)),
    "deep": answer(page("<div>" * 200_000)),
    "loop": redirect("/loop"),
}


class Asker(Player):
    """Somebody who looks at the card more often than a browser does, so that small waits are told apart."""

    def seconds(self, challenge: str, url: str, every: float = POLL_SECONDS) -> tuple[float, str]:
        """How long from pasting an address until its answer is shown, and what it was. every: seconds between looks."""
        token = found(TOKEN, self.http.get(f"{self.base}/c/{challenge}", timeout=60).text)[1]
        started = time.perf_counter()
        card = self._partial("POST", f"/c/{challenge}/submissions", {"csrf_token": token, "url": url})
        while "data-poll=" in card and time.perf_counter() - started < MOST_SECONDS:
            time.sleep(every)
            card = self._partial("GET", f"/s/{found(STATE, card)[1]}/card")
        return time.perf_counter() - started, found(STATE, card)[2]


def honest(product: Product, site: HostileServer, name: str, pages: int) -> list[float]:
    """Paste so many pages, one after another; the first is not measured."""
    person, waits = Asker(product.url, name), []
    for number in range(pages + 1):
        url = site.on(f"/{name}/{number}", answer(page(f"<p>{texts.text((name, number), 120)}</p>")))
        seconds, state = person.seconds("drugs", url.replace("pub.test", "127.0.0.1"))
        if state not in ("quoted", "refused"):
            raise RuntimeError(f"an honest page came to be {state}")
        waits.append(seconds)
    return waits[1:]


@contextmanager
def beset(product: Product, site: HostileServer, number: int) -> Iterator[Counter[str]]:
    """So many people paste hostile addresses as fast as they are answered; counts what became of them."""
    done, became = threading.Event(), Counter[str]()
    people = [Asker(product.url, f"hostile-{n}") for n in range(number)]
    kinds = list(KINDS)

    def paste(n: int) -> None:
        turn = 0
        while not done.is_set():
            kind = kinds[(n + turn) % len(kinds)]
            url = site.url(f"/{kind}?{n}-{turn}", "127.0.0.2")
            became[people[n].seconds("drugs", url, every=1.0)[1]] += 1
            turn += 1

    for kind, behaviour in KINDS.items():
        site.on(f"/{kind}", behaviour)
    threads = [threading.Thread(target=paste, args=(n,), daemon=True) for n in range(number)]
    for thread in threads:
        thread.start()
    time.sleep(2)
    try:
        yield became
    finally:
        done.set()
        for thread in threads:
            thread.join(MOST_SECONDS)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Measure what hostile servers cost an honest page.")
    parser.add_argument("--pages", type=int, default=12)
    parser.add_argument("--hostile", type=int, default=20)
    parser.add_argument(
        "--limit", type=float, default=2.0, help="how many times its wait alone an honest page may wait"
    )
    options = parser.parse_args(arguments)
    hostile._LIFE = 12.0  # longer than a fetch may take
    with (
        tempfile.TemporaryDirectory() as folder,
        HostileServer() as good,
        HostileServer("127.0.0.2") as bad,
        running(Path(folder), **SETTINGS) as product,
    ):
        alone = honest(product, good, "alone", options.pages)
        with beset(product, bad, options.hostile) as became:
            beside = honest(product, good, "beside", options.pages)
    for name, waits in (("alone", alone), (f"beside {options.hostile} hostile ones", beside)):
        print(
            f"{len(waits)} honest pages {name}: p50 {percentile(waits, 0.5):.2f} s, p95 {percentile(waits, 0.95):.2f} s, max {max(waits):.2f} s"
        )
    print("the hostile ones: " + ", ".join(f"{count} {state}" for state, count in became.most_common()))
    ratio = statistics.median(beside) / statistics.median(alone)
    print(f"the median wait is {ratio:.2f} times that alone")
    return 1 if options.limit and ratio > options.limit else 0


if __name__ == "__main__":
    sys.exit(main())
