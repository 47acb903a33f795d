"""Doing things at the same instant."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Any

from flask import Flask


def at_once(app: Flask, calls: Sequence[Callable[[], Any]], seconds: float = 60) -> list[Any]:
    """Start every call in a thread of its own at the same instant; returns what each returned or raised, in order."""
    start = threading.Barrier(len(calls))
    answers: list[Any] = [TimeoutError("still running")] * len(calls)

    def run(number: int) -> None:
        with app.app_context():
            start.wait()
            try:
                answers[number] = calls[number]()
            except Exception as error:
                answers[number] = error

    threads = [threading.Thread(target=run, args=(number,), daemon=True) for number in range(len(calls))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(seconds)
    return answers


def errors(answers: Sequence[Any]) -> list[Exception]:
    """Those answers that are exceptions."""
    return [answer for answer in answers if isinstance(answer, Exception)]
