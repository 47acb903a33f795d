"""Which pages are submitted where. The shipped machine is asked directly which way each falls, so that every way occurs."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

from btm.pages.extract import extract
from btm.pages.language import language
from btm.pages.reasons import ReadFailed
from classifiers.machine import load_default
from classifiers.page import Page

from . import law
from .site import PageSite, Post

SEED = 2011
TOPICS = ("drugs", "alcohol")
"""Challenges of one topic are judged in one queue, after either one's test."""
CHALLENGES = {
    "drugs": "drugs",
    "drugs-lookalikes": "drugs",
    "alcohol": "alcohol",
    "alcohol-lookalikes": "alcohol",
}
"""Each challenge's machine, which is named after the label that it looks for."""

TRULY = {
    "alcohol": ("/www.sakeone.com/premier-imports/hakutsuru/", "/www.scottishconstructionnow.com/articles/and-finally-trouble-brewing"),
}  # fmt: skip
"""The real pages that are about what a machine looks for. Food supplements are not drugs, as the brief says."""
CLOSE = {"drugs-lookalikes": ("/greenroads.com/cbd-gummies", "/greenroads.com/cbd-relax-berries-300mg/")}
DEBATABLE = ("kff.org", "cerebral.com", "deathwishcoffee.com", "nutrition")
LOOKALIKES = {
    "drugs": (
        "mycology",
        "nursing",
        "botany",
        "stonerrock",
        "marijuanaenthusiasts",
        "pharmacy",
        "Supplements",
    ),
    "alcohol": ("Coffee", "Cooking", "KitchenConfidential"),
}
REAL = {"drugs": 8, "drugs-lookalikes": 7, "alcohol": 8, "alcohol-lookalikes": 7}
SURELY_QUOTED = law.MIN_QUOTE / law.NOVELTY_FLOOR + 20
SURELY_KNOWN = law.MIN_QUOTE - 15


@dataclass(frozen=True)
class Hunt:
    """One submission to come. `probabilities` are the machine's; `truth` is the page's real label."""

    challenge: str
    path: str
    title: str
    truth: str
    probabilities: dict[str, float]

    @property
    def target(self) -> str:
        return target_of(self.challenge)

    @property
    def best(self) -> int:
        """What it would pay if nothing like it were known."""
        return law.bonus(self.probabilities, self.target, 1.0)

    @property
    def is_quoted(self) -> bool:
        return self.best >= SURELY_QUOTED

    @property
    def is_find(self) -> bool:
        """Whether the machine is wrong about it."""
        return law.assigned(self.probabilities) != self.truth

    @property
    def is_real(self) -> bool:
        return not self.path.startswith("/r/")


def target_of(challenge: str) -> str:
    return "none" if challenge.endswith("-lookalikes") else challenge


def draw(site: PageSite, posts: list[Post]) -> list[Hunt]:
    """Thirty real pages and thirteen posts over four challenges; always the same ones for the same machines and data.

    A page whose outcome would hang on the novelty that it happens to have is left out.
    """
    hunts: list[Hunt] = []
    hosts: set[str] = set()
    pool = random.Random(SEED).sample(site.real_urls, len(site.real_urls))
    for challenge in CHALLENGES:
        hunts += _real(site, challenge, pool, hosts)
        hunts += _posts(site, challenge, posts)
    titles = [hunt.title for hunt in hunts]
    assert len(set(titles)) == len(titles), "a judge tells pages apart by their titles"
    return hunts


def _real(site: PageSite, challenge: str, pool: list[str], hosts: set[str]) -> list[Hunt]:
    """The pages that are truly sought, then others, of a host each."""
    machine = CHALLENGES[challenge]
    first = [*TRULY.get(challenge, ()), *CLOSE.get(challenge, ())]
    special = {path for paths in (*TRULY.values(), *CLOSE.values()) for path in paths}
    found: list[Hunt] = []
    for path in [*first, *(p for p in pool if p not in special and not any(word in p for word in DEBATABLE))]:
        if len(found) == REAL[challenge]:
            break
        host = path.split("/")[1]
        truth = machine if path in TRULY.get(machine, ()) else "none"
        hunt = None if host in hosts and path not in first else read_hunt(site, challenge, path, truth)
        if hunt and hunt.title and (hunt.is_quoted or hunt.best <= SURELY_KNOWN):
            hosts.add(host)
            found.append(hunt)
    assert len(found) == REAL[challenge], f"too few real pages for {challenge}"
    return found


def _posts(site: PageSite, challenge: str, posts: list[Post]) -> list[Hunt]:
    """Finds, and claims that the machine is right to laugh at."""
    name = CHALLENGES[challenge]
    order = random.Random(f"{SEED} {challenge}").sample(posts, len(posts))
    about = [post for post in order if post.label == name and 300 < len(post.text) < 3000]
    alike = [post for post in order if post.community in LOOKALIKES[name] and 500 < len(post.text) < 3000]
    plain = [post for post in order if post.kind == "neutral" and 300 < len(post.text) < 3000]
    take = _Taker(site, challenge)
    if target_of(challenge) == name:
        finds = take(about, lambda hunt: hunt.is_quoted and hunt.is_find, 3)
        return [*finds, *take(about, lambda hunt: hunt.best <= SURELY_KNOWN, 1)]
    finds = take(alike, lambda hunt: hunt.is_quoted and hunt.is_find, 2)
    if name == "drugs":
        return [*finds, *take(about, lambda hunt: hunt.is_quoted and not hunt.is_find, 1)]
    return [*finds, *take(plain, lambda hunt: hunt.best <= SURELY_KNOWN, 1)]


@dataclass
class _Taker:
    site: PageSite
    challenge: str

    def __call__(self, posts: list[Post], fits: Callable[[Hunt], bool], count: int) -> list[Hunt]:
        """The first `count` that fit, of a community each."""
        name, communities = CHALLENGES[self.challenge], set()
        taken: list[Hunt] = []
        for post in posts:
            if post.community in communities:
                continue
            self.site.add(post)
            hunt = read_hunt(self.site, self.challenge, post.path, name if post.label == name else "none")
            if hunt and fits(hunt):
                taken.append(hunt)
                communities.add(post.community)
                if len(taken) == count:
                    return taken
            else:
                self.site.posts.pop(post.path, None)
        raise AssertionError(f"too few posts for {self.challenge}")


def read_hunt(site: PageSite, challenge: str, path: str, truth: str) -> Hunt | None:
    """A page as the product would read it, and what the machine says to it; None where there is nothing to read."""
    body = site.find(path)
    assert body is not None, path
    try:
        read = extract(body, "text/html", "utf-8")
    except ReadFailed:
        return None
    page = Page(
        url=site.url(path),
        title=read.segments.title,
        description=read.segments.description,
        headings=tuple(read.segments.headings),
        text=read.text,
        links=tuple(read.segments.links),
        language=language(read.text, read.segments.language_hint),
    )
    machine = load_default(CHALLENGES[challenge])
    answer = machine.predict_proba([page])[0].tolist()
    return Hunt(
        challenge,
        path,
        read.segments.title,
        truth,
        dict(zip(map(str, machine.classes_), answer, strict=True)),
    )
