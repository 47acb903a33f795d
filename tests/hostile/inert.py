"""Looks for anything on a page of ours that acts: markup that came from elsewhere, and characters that reorder what is read."""

from __future__ import annotations

import re
from html.parser import HTMLParser

OURS = ("/", "#", "?")
LOADING = {"src", "srcset", "data", "poster", "background", "action", "formaction", "manifest"}
FORBIDDEN = {"base", "iframe", "object", "embed", "frame", "style", "applet"}
REORDERS = re.compile("[\u202a-\u202e\u2066-\u2069\u200e\u200f\u0000-\u0008\u000e-\u001f]")


class Watcher(HTMLParser):
    """Collects what is wrong with a page in `faults`, and its links to elsewhere in `links`: (address, rel)."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.faults: list[str] = []
        self.links: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag in FORBIDDEN:
            self.faults.append(f"<{tag}>")
        if tag == "script" and not values.get("src", "").startswith("/static/"):
            self.faults.append("a script of somebody else's")
        if (
            tag == "meta"
            and values.get("http-equiv", "").lower() == "refresh"
            and "url" in values.get("content", "")
        ):
            self.faults.append("a refresh that leads away")
        for name, value in values.items():
            if name.startswith("on") or name == "style":
                self.faults.append(f"{tag} {name}")
            if name in LOADING and value and not value.startswith(OURS):
                self.faults.append(f"{tag} loads {value}")
        if tag == "a" and not values.get("href", "").startswith(OURS):
            self.links.append((values.get("href", ""), values.get("rel", "")))


def watch(page: str) -> Watcher:
    """What a page of ours holds, once it was made sure that nothing in it acts or reorders."""
    watcher = Watcher()
    watcher.feed(page)
    assert watcher.faults == []
    assert not REORDERS.search(page)
    for address, rel in watcher.links:
        assert address.startswith(("http://", "https://")), address
        assert set(rel.split()) >= {"noopener", "noreferrer", "nofollow"}, address
    return watcher
