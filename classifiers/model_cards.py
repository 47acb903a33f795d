"""Model cards of the shipped machines (Mitchell et al. 2019): what they are, from what, how good, where blind."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from classifiers.evaluate import Figure, macro_f1, reliability, report
from classifiers.linear import LinearMachine
from classifiers.training_data import Example

COMMAND = "python -m classifiers.train_defaults --data DIR --out classifiers/defaults"

TASKS = {
    "drugs": "Is the page about recreational or illegal drugs: taking, growing, making or getting them?",
    "alcohol": "Is the page about alcoholic drinks: beer, wine, spirits, brewing or drinking them?",
    "guns": "Is the page about firearms: owning, buying, shooting, building or carrying them?",
    "gambling": "Is the page about gambling for money: poker, casinos, betting?",
    "hate": "Does the page attack people for what they are (race, origin, religion, sex, orientation, disability)? "
    "Merely rude or vulgar language is no hate.",
}

_POSTS = {
    "what": "English forum posts of about 2.5 million top posts, labelled by community, so slightly noisy",
    "source": "umbrae/reddit-top-2.5-million",
    "licence": "PDDL 1.0",
}
_HATE = {
    "what": "English short posts, labelled hate, offensive or neither by several people each",
    "source": "Davidson, Warmsley, Macy and Weber 2017",
    "licence": "MIT",
}
_WEB = {
    "what": "reviewed main texts of real web pages of many kinds, as pages about none of the topics",
    "source": "WCXB",
    "licence": "CC BY 4.0",
}
_BLIND = [
    "It learned English only; other languages get little more than the share of such pages in training.",
    "It learned from short posts of one site, and from long pages that were put together from them. Shops, news, "
    "official and medical pages about the topic are rare or absent in its training.",
    "It knows words, not meaning: a page that shares the topic's words and is about something else (namesakes, "
    "recovery, research, fiction, games) misleads it, and so does a page that avoids them.",
    "It read titles and bodies in training, never real headings, addresses, link texts or descriptions: these "
    "reach it as body text only.",
]
_BLIND_HATE = [
    "Words that one group uses of itself, quotations, and reports about hate mislead it; the people who labelled "
    "its training posts were misled by dialect too (Davidson, Bhattacharya and Weber 2019).",
    "Hate without vile words is nearly invisible to it.",
]


def card(
    machine: LinearMachine,
    topic: str,
    sets: Mapping[str, Sequence[Example]],
    training: Sequence[Example],
    threshold: float,
) -> dict[str, Any]:
    """The card of a machine, JSON throughout. `sets`: held-out examples by name."""
    found = {name: _measure(machine, topic, examples) for name, examples in sets.items() if examples}
    kinds = Counter("stitched" if each.kind == "stitched" else each.label for each in training)
    return {
        "name": topic,
        "version": machine.version,
        "task": TASKS[topic],
        "classes": list(machine.classes_),
        "method": "logistic regression over hashed words, word pairs and character 4-grams; sigmoid calibration "
        "on held-out folds; weights in half precision",
        "languages": ["en"],
        "data": [_HATE if topic == "hate" else _POSTS, _WEB],
        "training_pages": dict(sorted(kinds.items())),
        "licence": "Apache-2.0",
        "metrics": found,
        "thresholds": {"flagged": 0.5, "best_f1": threshold, **_at(machine, topic, sets["posts"], threshold)},
        "blind_spots": _BLIND + (_BLIND_HATE if topic == "hate" else []),
        "intended_use": "To be beaten: a machine to find faults in. No decision about a person or a site should "
        "rest on it.",
        "command": COMMAND,
    }


def summary(card: Mapping[str, Any]) -> str:
    """One line: the figures that the floors are about."""
    posts, web = card["metrics"]["posts"], card["metrics"]["web"]
    return (
        f"{card['name']} {card['version']}: AP {posts['average_precision']['value']:.4f}, "
        f"AUC {posts['auc']['value']:.4f}, ECE {posts['calibration_error']['value']:.4f}, "
        f"real pages flagged {web['flagged']:.2%}"
    )


def readable(card: Mapping[str, Any]) -> str:
    """The card for people, in Markdown."""
    lines = [
        f"# The {card['name']} machine, {card['version']}",
        "",
        card["task"],
        "",
        card["intended_use"],
        "",
    ]
    lines += ["## Data", ""]
    lines += [f"- {each['what']} ({each['source']}, {each['licence']})" for each in card["data"]]
    counted = ", ".join(f"{label} {count:,}" for label, count in card["training_pages"].items())
    lines += ["", f"Training pages: {counted}. Method: {card['method']}. Licence: {card['licence']}.", ""]
    lines += ["## On pages that it never saw", "", "95% bootstrap intervals in brackets.", ""]
    lines += ["| set | pages | flagged at .5 | AP | AUC | ECE | Brier |", "|---|---|---|---|---|---|---|"]
    lines += [_line(name, found) for name, found in card["metrics"].items()]
    limits = card["thresholds"]
    lines += [
        "",
        "`posts`: held-out posts without look-alike communities. `web`: real pages, none of which should be",
    ]
    lines += [
        "flagged. `long pages`: held-out posts put together. `lookalikes`: communities that only look like the"
    ]
    lines += [
        "topic, never trained on and never used to choose anything: what players find.",
        "",
        "## Thresholds",
        "",
    ]
    lines += [f"Best F1 on held-out folds: {limits['best_f1']} (macro-F1 on posts {limits['macro_f1']:.3f}; "]
    lines[-1] += f"{limits['macro_f1_at_half']:.3f} at .5)."
    lines += ["", "## Known blind spots", "", *(f"- {each}" for each in card["blind_spots"])]
    return "\n".join([*lines, "", "## Rebuild", "", f"    {card['command']}", ""])


def _measure(machine: LinearMachine, topic: str, examples: Sequence[Example]) -> dict[str, Any]:
    probability = _probability(machine, topic, examples)
    truth = np.array([each.label == topic for each in examples])
    found: dict[str, Any] = {
        "pages": len(examples),
        "flagged": round(float(np.mean(probability > 0.5)), 5),
        "reliability": [[round(each.mean_probability, 4), round(each.share_true, 4), each.count]
                        for each in reliability(truth, probability)],
    }  # fmt: skip
    if truth.any() and not truth.all():
        figures = report(truth, probability)["all"]
        found |= {name: _plain(value) for name, value in figures.items() if isinstance(value, Figure)}
    return found


def _at(
    machine: LinearMachine, topic: str, examples: Sequence[Example], threshold: float
) -> dict[str, float]:
    probability = _probability(machine, topic, examples)
    truth = ["yes" if each.label == topic else "no" for each in examples]
    at = {
        limit: macro_f1(truth, ["yes" if p >= limit else "no" for p in probability])
        for limit in (threshold, 0.5)
    }
    return {"macro_f1": round(at[threshold], 4), "macro_f1_at_half": round(at[0.5], 4)}


def _probability(machine: LinearMachine, topic: str, examples: Sequence[Example]) -> NDArray[np.float64]:
    return machine.predict_proba([each.page for each in examples])[:, machine.classes_.index(topic)]


def _plain(figure: Figure) -> dict[str, float]:
    return {"value": round(figure.value, 5), "low": round(figure.low, 5), "high": round(figure.high, 5)}


def _line(name: str, found: Mapping[str, Any]) -> str:
    cells = [name, f"{found['pages']:,}", f"{found['flagged']:.1%}"]
    for key in ("average_precision", "auc", "calibration_error", "brier"):
        value = found.get(key)
        cells.append(f"{value['value']:.3f} [{value['low']:.3f}, {value['high']:.3f}]" if value else "")
    return "| " + " | ".join(cells) + " |"
