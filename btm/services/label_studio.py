"""Label Studio's JSON of tasks, read and written, and the labelling configuration that fits it. Shared by the services.

A task's `data` holds url, text or html; an annotation is one person's, and its choices are labels. What is written names nobody in
`completed_by`, since Label Studio takes only its own people there: a judge's pseudonym is a note (`meta`) on the answer.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, BinaryIO
from xml.sax.saxutils import quoteattr

from btm.rules.errors import Invalid
from btm.services.file_rows import BAD, CONTENTS, Row

FIELD, OBJECT = "label", "text"
"""The names of the question and of what it is about, in the labelling configuration."""
FIELDS = (*CONTENTS, "title", "description", "language", "source", "id", "name", "ref")


def task_rows(stream: BinaryIO, labelled: bool) -> Iterator[Row]:
    """The tasks of a JSON export. labelled: what annotators agree on is the row's `label`; otherwise all that they said are its
    `labels`, one an annotator. Raises Invalid for what is no such file."""
    try:
        tasks = json.loads(stream.read().decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise Invalid(
            "This is no JSON. Export from Label Studio as JSON (not JSON-MIN or CSV).", field="data"
        ) from error
    tasks = [tasks] if isinstance(tasks, dict) else tasks
    if not isinstance(tasks, list):
        raise Invalid("This is no list of tasks. Export from Label Studio as JSON.", field="data")
    for number, task in enumerate(tasks, 1):
        yield Row(number, number / len(tasks), _values(task, labelled))


def _values(task: Any, labelled: bool) -> dict[str, Any]:
    if not isinstance(task, dict):
        return {BAD: "is no task"}
    data = task.get("data", task)
    if not isinstance(data, dict):
        return {BAD: "has no data"}
    fields = {str(key).strip().lower(): value for key, value in data.items()}
    values = {key: value for key, value in fields.items() if key in FIELDS}
    if not any(values.get(key) for key in CONTENTS):
        shown = ", ".join(list(fields)[:8]) or "nothing"
        return {BAD: f"has data with {shown}; it needs text, html or url"}
    values.setdefault("id", values.pop("ref", None) or task.get("id"))
    said = _said(task.get("annotations") or task.get("completions") or [])
    if not labelled:
        return values | {"labels": said}
    if len(set(said)) > 1:
        return {
            BAD: f"was given different labels ({', '.join(sorted(set(said)))}); import it into the pool instead"
        }
    return values | {"label": said[0] if said else ""}


def _said(annotations: Any) -> list[str]:
    """One label an annotator, the latest; those who skipped the task said nothing."""
    said: dict[object, str] = {}
    for place, annotation in enumerate(annotations if isinstance(annotations, list) else []):
        if not isinstance(annotation, dict) or annotation.get("was_cancelled"):
            continue
        choices = _choices(annotation.get("result"))
        if choices:
            said[_who(annotation) or ("nobody", place)] = choices[0]
    return list(said.values())


def _choices(result: Any) -> list[str]:
    found = []
    for part in _parts(result):
        value = part.get("value")
        choices = value.get("choices") if isinstance(value, dict) else None
        found += [str(each) for each in (choices if isinstance(choices, list) else [])]
    return found


def _parts(result: Any) -> list[dict[str, Any]]:
    return [part for part in result if isinstance(part, dict)] if isinstance(result, list) else []


def _who(annotation: dict[str, Any]) -> str:
    """The annotator, or the pseudonym that an export of ours has as a note."""
    who = annotation.get("completed_by")
    if isinstance(who, dict):
        who = who.get("id") or who.get("email")
    if who:
        return str(who)
    for part in _parts(annotation.get("result")):
        meta = part.get("meta")
        notes = meta.get("text") if isinstance(meta, dict) else None
        if isinstance(notes, list) and notes:
            return str(notes[0])
    return ""


def answer(label: str, judge: str = "") -> dict[str, Any]:
    """One choice, as Label Studio writes it."""
    made: dict[str, Any] = {
        "from_name": FIELD,
        "to_name": OBJECT,
        "type": "choices",
        "value": {"choices": [label]},
    }
    return made | ({"meta": {"text": [judge]}} if judge else {})


def annotation(judge: str, label: str, seconds: float | None = None) -> dict[str, Any]:
    """What one judge said. judge: a pseudonym."""
    made: dict[str, Any] = {"result": [answer(label, judge)], "was_cancelled": False}
    return made | ({"lead_time": round(seconds, 1)} if seconds is not None else {})


def prediction(model: str, label: str, score: float) -> dict[str, Any]:
    """What a model said. score: 0 to 1."""
    return {"model_version": model, "score": round(score, 6), "result": [answer(label)]}


def task(
    data: dict[str, Any], annotations: Iterable[dict[str, Any]], predictions: Iterable[dict[str, Any]]
) -> dict[str, Any]:
    """A task as Label Studio imports it."""
    return {"data": data, "annotations": list(annotations), "predictions": list(predictions)}


def labelling_config(question: str, labels: Sequence[tuple[str, str]]) -> str:
    """The configuration of a project for such tasks. labels: (key, name); the key is what is stored."""
    choices = "\n".join(
        f"    <Choice value={quoteattr(key)} hint={quoteattr(name)}/>" for key, name in labels
    )
    return (
        f"<View>\n  <Header value={quoteattr(question)}/>\n"
        f'  <Text name="{OBJECT}" value="${OBJECT}"/>\n'
        f'  <Choices name="{FIELD}" toName="{OBJECT}" choice="single-radio" required="true">\n{choices}\n  </Choices>\n</View>\n'
    )
