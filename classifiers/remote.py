"""A machine that lives somewhere else, behind an HTTP endpoint.

    POST {"pages": [{"url": ..., "title": ..., "description": ..., "headings": [...], "text": ..., ...}, ...]}
    200  {"probabilities": [[...], ...]}, a row for each page, in the order of the labels that were agreed;
         optionally "classes": [...], which must then be those labels, in any order, and "version": "...".

Slow, down, failing or talking nonsense, it raises a MachineError and nothing else, so that a submission waits
rather than is lost. The operator names the endpoint; this is no way to fetch a stranger's address.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
import requests
from numpy.typing import NDArray
from urllib3.exceptions import HTTPError, ReadTimeoutError

from classifiers.errors import MachineMisbehaved, MachineUnavailable
from classifiers.machine import check_probabilities
from classifiers.page import Page, as_page

_RETRYABLE = frozenset({408, 425, 429, 500, 502, 503, 504})
_CHUNK = 65_536


class CircuitBreaker:
    """Stops asking an endpoint that keeps failing, for a while (Nygard, Release It!, 2007).

    After `failures` failures in a row it is open for `pause` seconds; then one trial may pass, which closes or
    reopens it. `clock` gives seconds, and is injected.
    """

    def __init__(self, failures: int, pause: float, clock: Callable[[], float]) -> None:
        self.failures = failures
        self.pause = pause
        self._clock = clock
        self._lock = threading.Lock()
        self._in_a_row = 0
        self._open_until: float | None = None

    def wait(self) -> float:
        """Seconds until the endpoint may be asked, 0 for now. Leave to ask after a pause is given to one caller."""
        with self._lock:
            if self._open_until is None:
                return 0.0
            now = self._clock()
            if now < self._open_until:
                return self._open_until - now
            self._open_until = now + self.pause
            return 0.0

    def succeeded(self) -> None:
        """Close the circuit."""
        with self._lock:
            self._in_a_row, self._open_until = 0, None

    def failed(self) -> None:
        """Count a failure; open the circuit when there were too many."""
        with self._lock:
            self._in_a_row += 1
            if self._in_a_row >= self.failures:
                self._open_until = self._clock() + self.pause


@dataclass(frozen=True)
class RemoteOptions:
    """How patiently an endpoint is asked. Times are in seconds.

    `timeout` bounds one attempt, a dripping body included. `batch` is pages a request. `again` is the least that
    a caller is told to wait after the last retry.
    """

    timeout: float = 10.0
    batch: int = 32
    retries: int = 2
    backoff: float = 0.5
    breaker_failures: int = 5
    breaker_pause: float = 30.0
    again: float = 15.0
    answer_cap: int = 16 * 1024 * 1024
    max_characters: int = 100_000


class RemoteMachine:
    """A machine behind an endpoint. `headers` may carry a key; they are never shown in an error."""

    def __init__(
        self,
        url: str,
        classes: Sequence[str],
        *,
        name: str = "remote",
        version: str = "",
        card: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        options: RemoteOptions | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        if not url.startswith(("http://", "https://")):
            raise ValueError("the address of a remote machine starts with http:// or https://")
        if len(classes) < 2 or len(set(classes)) != len(classes):
            raise ValueError("a machine needs at least two labels, no two the same")
        self.url = url
        self.name = name
        self.version = version
        self.card: Mapping[str, Any] = MappingProxyType(dict(card or {}))
        self.classes_ = tuple(classes)
        self.options = options or RemoteOptions()
        self.breaker = CircuitBreaker(self.options.breaker_failures, self.options.breaker_pause, clock)
        self._headers = {**(headers or {}), "Content-Type": "application/json", "Accept": "application/json"}
        self._sleep = sleep

    def predict_proba(self, pages: Sequence[Page | str]) -> NDArray[np.float64]:
        """Probabilities, shape (n, k), checked. Raises MachineUnavailable or MachineMisbehaved."""
        step = self.options.batch
        parts = [self._ask(pages[start : start + step]) for start in range(0, len(pages), step)]
        return np.vstack(parts) if parts else np.empty((0, len(self.classes_)))

    def _ask(self, pages: Sequence[Page | str]) -> NDArray[np.float64]:
        wait = self.breaker.wait()
        if wait > 0:
            raise MachineUnavailable(f"The machine {self.name!r} failed several times and rests.", wait)
        body = json.dumps({"pages": [self._wire(page) for page in pages]}).encode()
        pause = self.options.backoff
        for attempt in range(self.options.retries + 1):
            try:
                answer = self._attempt(body)
                break
            except MachineUnavailable as error:
                self.breaker.failed()
                if attempt == self.options.retries:
                    raise MachineUnavailable(
                        str(error), max(error.retry_after, self.options.again)
                    ) from error
                self._sleep(min(max(pause, error.retry_after), 4 * self.options.timeout))
                pause *= 2
            except MachineMisbehaved:
                self.breaker.failed()
                raise
        return self._understand(answer, len(pages))

    def _attempt(self, body: bytes) -> bytes:
        deadline = time.monotonic() + self.options.timeout
        try:
            with requests.Session() as session:
                session.trust_env = False
                response = session.post(
                    self.url, data=body, headers=self._headers, timeout=self.options.timeout,
                    stream=True, allow_redirects=False,
                )  # fmt: skip
                self._check_status(response)
                return self._read(response, deadline)
        except (requests.Timeout, TimeoutError, ReadTimeoutError) as error:
            raise MachineUnavailable(f"The machine {self.name!r} is too slow to answer now.", 0) from error
        except (requests.RequestException, HTTPError) as error:
            raise MachineUnavailable(f"The machine {self.name!r} cannot be reached now.", 0) from error

    def _check_status(self, response: requests.Response) -> None:
        if response.status_code in _RETRYABLE:
            given = response.headers.get("Retry-After", "")
            raise MachineUnavailable(
                f"The machine {self.name!r} is in trouble (status {response.status_code}).",
                float(given) if given.isascii() and given.isdigit() else 0,
            )
        if response.status_code != 200:
            raise MachineMisbehaved(
                f"The machine {self.name!r} refused to answer (status {response.status_code})."
            )

    def _read(self, response: requests.Response, deadline: float) -> bytes:
        answer = bytearray()
        # read1 gives what has come so far, so that a drip cannot hold us beyond the deadline.
        while chunk := response.raw.read1(_CHUNK, decode_content=True):
            answer += chunk
            if len(answer) > self.options.answer_cap:
                raise MachineMisbehaved(f"The machine {self.name!r} answered with far too much.")
            if time.monotonic() > deadline:
                raise MachineUnavailable(f"The machine {self.name!r} is too slow to answer now.", 0)
        return bytes(answer)

    def _understand(self, answer: bytes, pages: int) -> NDArray[np.float64]:
        try:
            table = self._table(answer, pages)
        except MachineMisbehaved:
            self.breaker.failed()
            raise
        self.breaker.succeeded()
        return table

    def _table(self, answer: bytes, pages: int) -> NDArray[np.float64]:
        try:
            told = json.loads(answer)
            table, classes = told["probabilities"], told.get("classes", list(self.classes_))
            order = [classes.index(label) for label in self.classes_]
            if len(classes) != len(order):
                raise ValueError("other labels")
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise MachineMisbehaved(
                f"The machine {self.name!r} answered something that is not understood."
            ) from error
        return check_probabilities(table, pages, len(order), self.name)[:, order]

    def _wire(self, page: Page | str) -> dict[str, Any]:
        fields = asdict(as_page(page))
        fields["text"] = fields["text"][: self.options.max_characters]
        return fields
