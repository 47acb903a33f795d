"""Somebody at a browser without scripts: goes by links, fills fields in by their labels, presses buttons by their words."""

from __future__ import annotations

import io
from contextvars import Context
from typing import Any
from urllib.parse import urljoin

from flask.testing import FlaskClient
from lxml import html
from werkzeug.datastructures import MultiDict


class Sitting:
    """One person's session over the test client. Whatever answers with an error ends the test."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client
        self.path = "/"
        self._page: Any = None
        self._files: dict[str, tuple[bytes, str]] = {}

    @property
    def text(self) -> str:
        """What stands on the page, as one line."""
        return " ".join(self._page.text_content().split())

    def go(self, path: str) -> None:
        """Open an address, and follow where it leads."""
        self._ask("GET", path)

    def follow(self, words: str) -> None:
        """Click the first link that has these words."""
        self.go(self._url(_first(self._page.iter("a"), words, self).get("href")))

    def fill(self, label: str, value: str, nth: int = 0) -> None:
        """Write into the field with this label, or choose what has this text there; nth where several have it."""
        fields = [
            each for each in self._page.iter("label") if each.get("for") and _words(each).startswith(label)
        ]
        assert len(fields) > nth, f"no field {label!r} on {self.path}: {self.text}"
        field = self._page.get_element_by_id(fields[nth].get("for"))
        if field.tag == "select":
            [value] = [each.get("value") for each in field.iter("option") if _words(each) == value]
        field.value = value

    def choose(self, words: str) -> None:
        """Tick the radio button whose label has these words."""
        choices = (each for each in self._page.iter("label") if each.xpath('.//input[@type="radio"]'))
        [button] = _first(choices, words, self).xpath(".//input")
        for each in self._page.xpath(f"//input[@name='{button.get('name')}']"):
            each.attrib.pop("checked", None)
        button.set("checked", "checked")

    def attach(self, label: str, data: bytes, name: str) -> None:
        """Choose a file."""
        field = self._page.get_element_by_id(_first(self._page.iter("label"), label, self).get("for"))
        self._files[field.get("name")] = (data, name)

    def press(self, words: str) -> None:
        """Send the form of the first button that has these words."""
        button = _first(self._page.iter("button"), words, self)
        form = next(each for each in button.iterancestors("form"))
        values: MultiDict[str, Any] = MultiDict(form.form_values())
        if button.get("name"):
            values.add(button.get("name"), button.get("value"))
        for name, (data, file_name) in self._files.items():
            values.add(name, (io.BytesIO(data), file_name))
        path = self._url(button.get("formaction") or form.get("action") or self.path)
        if (form.get("method") or "get").lower() == "post":
            self._ask("POST", path, data=values)
        else:
            self._ask("GET", path, query_string=values)

    def _ask(self, method: str, path: str, **sent: Any) -> None:
        """Each request has an application context of its own, also where the test is inside one."""
        answer = Context().run(self.client.open, path, method=method, follow_redirects=True, **sent)
        assert answer.status_code < 400, f"{answer.request.path}: {answer.status_code} {answer.text}"
        self.path = answer.request.path
        self._page = html.fromstring(answer.text)
        self._files = {}

    def _url(self, href: str) -> str:
        return urljoin(self.path, href)


def _words(element: Any) -> str:
    return " ".join(element.text_content().split())


def _first(elements: Any, words: str, sitting: Sitting) -> Any:
    found = next((each for each in elements if words in _words(each)), None)
    assert found is not None, f"nothing says {words!r} on {sitting.path}: {sitting.text}"
    return found
