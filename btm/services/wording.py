"""What people type, made fit to be kept. Shared by the services."""

from __future__ import annotations


def one_line(words: str, most: int) -> str:
    """Somebody's words on one line, at most so many characters, without what a line cannot hold."""
    return " ".join("".join(c if c.isprintable() else " " for c in words).split())[:most]
