"""Sample views of machines, reports and background work, one for each state that a page can be in."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np

from btm.services import report_views
from btm.services import views_machines as vm
from classifiers.reporting import full_report

from .samples import before

LABELS = ("drugs", "none")
ACTIVE = vm.MachineVersionView(
    "drugs", "2026.11", "default", LABELS, before(days=40), "", ("drugs", "not-drugs")
)
TRAINED = vm.MachineVersionView(
    "drugs-own", "9f31c07be2aa", "trained", LABELS, before(hours=3), "ines", (), True
)
OLDER = replace(
    TRAINED, version="51c2d9e0b714", created_at=before(days=9), challenges=("a", "b", "c", "d", "drugs")
)
REMOTE = vm.MachineVersionView(
    "theirs",
    "1",
    "remote",
    LABELS,
    before(days=2),
    "ada",
    (),
    False,
    "https://models.example/predict/a/long/way/to/go",
)
IMPORTED = vm.MachineVersionView(
    "mine", "2", "import", LABELS, before(days=70), "", (), False, "package.module:pipeline"
)
VERSIONS = [TRAINED, OLDER, ACTIVE, REMOTE, IMPORTED]  # fmt: skip
CROWD = [replace(TRAINED, version=f"{i:012x}", measured=i % 2 == 0) for i in range(40)]

TERMS = {
    "drugs": [["psilocybin", 2.41], ["the trip", 2.02], ["mg", 1.88], ["vendor", 1.6], ["stealth shipping", 1.31], ["dose", 1.1], ["first time", 0.7]],
    "none": [["recipe", 1.92], ["garden", 1.4], ["kubernetes", 0.9], ["a-term-as-long-as-some-words-of-some-languages-are", 0.4]],
}  # fmt: skip


@cache
def stored(count: int = 900, labels: tuple[str, ...] = LABELS) -> dict[str, object]:
    """A report as the product keeps it, of a machine that is good and not too good."""
    dice = np.random.default_rng(7)
    truth = dice.choice(len(labels), count, p=[0.22, *[0.78 / (len(labels) - 1)] * (len(labels) - 1)])
    logits = dice.normal(0, 1.4, (count, len(labels))) + 3.4 * np.eye(len(labels))[truth]
    table = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    by = {
        "language": dice.choice(["en", "de", "pt"], count, p=[0.8, 0.15, 0.05]).tolist(),
        "source": dice.choice(
            ["forum.example", "shop.example", "a-very-long-host-name-of-a-magazine.example"], count
        ).tolist(),
    }
    report = full_report([labels[i] for i in truth], table, labels, by, resamples=30)
    return report | {"terms": TERMS}


def report_of(machine: vm.MachineVersionView, stored: dict[str, object]) -> vm.MachineReportView:
    """A report with three evaluations, made as the service makes it."""
    evaluations = (
        vm.EvaluationView(9, "held out from pages.csv", 900, before(minutes=12)),
        vm.EvaluationView(4, "verified probes of drugs", 1, before(days=2)),
        vm.EvaluationView(
            2,
            "a-name-of-a-file-that-somebody-thought-would-help-them-to-find-it-again.csv",
            41_250,
            before(days=8),
        ),
    )
    return vm.MachineReportView(
        machine=machine, card={}, evaluation=evaluations[0], evaluations=evaluations, matrix=report_views.matrix_view(stored),
        accuracy=stored["accuracy"], macro_f1=stored["macro_f1"],  # type: ignore[arg-type]
        labels=tuple(report_views.label_report(stored, label) for label in stored["classes"]),  # type: ignore[attr-defined]
        terms=report_views.terms_views(TERMS),
    )  # fmt: skip


REPORT = report_of(TRAINED, stored())
REPORT_ONCE = replace(REPORT, evaluations=REPORT.evaluations[:1])
REPORT_NONE = vm.MachineReportView(ACTIVE, {"metrics": {}}, None, (), None, None, None, ())
REPORT_TERMS = replace(REPORT_NONE, terms=REPORT.terms)
MANY = tuple(f"label-{i}" for i in range(9))
REPORT_MANY = report_of(replace(TRAINED, labels=MANY), stored(700, MANY))
_ONE = REPORT.labels[0]
REPORT_BARE = replace(
    REPORT,
    evaluation=REPORT.evaluations[1],
    labels=(
        replace(
            _ONE, pages=1, true=0, curve=(), groups=(), terms=(), reliability=(vm.BinView(0.9, 1.0, 1, 0.97, 0.0),),
            histogram=(vm.ScoreBar(0.95, 1.0, 0, 1),),
            figures=tuple(replace(each, value=None, low=None, high=None) for each in _ONE.figures),
        ),
    ),
    terms={},
)  # fmt: skip

_TASK = vm.TaskView(
    "queued",
    "train",
    "queued",
    0.0,
    "Waiting for a worker",
    "drugs",
    "pages of mine.csv",
    before(minutes=2),
    None,
)
_BAD = (
    vm.BadRowView(17, "has no label"),
    vm.BadRowView(23, "has the label 'drug'; the labels are drugs, none"),
    vm.BadRowView(1204, "could not be fetched: The page did not answer in time."),
)
_DONE = replace(
    _TASK, public_id="done", state="done", progress=1.0, message="Done", finished_at=before(seconds=30), machine_name="drugs-own",
    machine_version="9f31c07be2aa", evaluation_id=9, rows=4210, bad_rows=_BAD, bad_count=3,
)  # fmt: skip
TASKS = {
    "queued": _TASK,
    "running": replace(_TASK, public_id="running", state="running", progress=0.47, message="Learning from 3,368 pages"),
    "done": _DONE,
    "pooled": replace(_DONE, public_id="pooled", kind="pool", machine_name="", machine_version="", evaluation_id=None, added=412, known=3, put_up=200),
    "measured": replace(_DONE, public_id="measured", kind="evaluate", data_name="", bad_rows=(), bad_count=0, rows=1),
    "failed": replace(
        _TASK, public_id="failed", state="failed", progress=0.4, finished_at=before(seconds=3), bad_count=1630, rows=3,
        bad_rows=tuple(vm.BadRowView(i, "has the label 'yes'; the labels are drugs, none") for i in range(1, 51)),
        message="There are 3 usable rows labelled drugs; at least 10 of each label are needed. Add more pages of drugs.",
    ),
    "unmeasured": replace(_TASK, public_id="unmeasured", kind="evaluate", state="failed", message="The machine theirs does not answer. Nothing was measured; try again later."),
}  # fmt: skip
