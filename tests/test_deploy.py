"""The files under deploy/ and the Procfile are whole, and true to the product as it is."""

from __future__ import annotations

import configparser
import json
import re
import shlex
import shutil
import subprocess
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import yaml
from gunicorn.config import Config

from btm.services.views_operations import FiguresView, PartView
from btm.web.metrics import exposition

ROOT = Path(__file__).resolve().parent.parent
DEPLOY = ROOT / "deploy"
FILES = sorted([*DEPLOY.iterdir(), ROOT / "Procfile"])
UNITS = ("btm-web.service", "btm-worker.service")
OURS = r"\b(?:btm_[a-z_]+)\b"


def text(name: str) -> str:
    return (DEPLOY / name).read_text(encoding="utf-8")


def procfile() -> dict[str, str]:
    lines = (ROOT / "Procfile").read_text(encoding="utf-8").splitlines()
    return {name: command for name, _, command in (line.partition(": ") for line in lines)}


def dockerfile() -> list[tuple[str, str]]:
    """Its instructions in order."""
    whole = re.sub(r"\\\n\s*", " ", text("Dockerfile"))
    lines = [line for line in whole.splitlines() if line and not line.startswith("#")]
    return [(word, rest) for word, _, rest in (line.partition(" ") for line in lines)]


def compose() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(text("compose.yaml"))
    return found


def unit(name: str) -> configparser.ConfigParser:
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read_string(text(name))
    return parser


def commands() -> list[list[str]]:
    """Every command that any of the files runs of ours, as words."""
    found = [command for line in procfile().values() for command in line.split(" && ")]
    found += [unit(name)["Service"]["ExecStart"] for name in UNITS]
    split = [shlex.split(command) for command in found]
    split.append(json.loads(dict(dockerfile())["CMD"]))
    for service in compose()["services"].values():
        words = service.get("command")
        if words and words[0] == "sh":
            split += [shlex.split(command) for command in words[2].split(" && ")]
        elif words:
            split.append(words)
    return [[words[0].rpartition("/")[2], *words[1:]] for words in split]


def test_every_command_is_one_that_the_product_has() -> None:
    from btm.cli import btm

    kinds = set()
    for words in commands():
        kinds.add(words[0])
        if words[0] == "gunicorn":
            read = Config().parser().parse_args(words[1:])
            assert read.args == ["app:app"]
            assert (read.worker_class, read.logger_class) == ("gthread", "btm.logs.GunicornLogger")
        elif words[0] == "python":
            assert words[1] == "-m"
            assert find_spec(words[2])
        else:
            assert words[:3] == ["flask", "--app", "app"]
            assert words[3:] == ["db", "upgrade"] or words[4] in btm.commands, words
    assert kinds == {"gunicorn", "python", "flask"}


def test_the_web_runs_alike_everywhere() -> None:
    runs = [words for words in commands() if words[0] == "gunicorn"]
    bare = {tuple(word for word in words if word != words[words.index("--bind") + 1]) for words in runs}
    assert len(runs) == 3
    assert len(bare) == 1


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_setting_that_a_file_names_is_one(path: Path) -> None:
    known = set(re.findall(r"\bBTM_[A-Z_]+\b", (ROOT / "btm/config.py").read_text(encoding="utf-8")))
    assert set(re.findall(r"\bBTM_[A-Z_]+\b", path.read_text(encoding="utf-8"))) <= known


def test_the_image_is_built_from_the_lock_and_runs_as_nobody_special() -> None:
    steps = dockerfile()
    known = {"FROM", "ENV", "WORKDIR", "COPY", "RUN", "USER", "VOLUME", "EXPOSE", "HEALTHCHECK", "CMD"}
    assert {word for word, _ in steps} <= known
    assert [word for word, _ in steps].count("FROM") == 1
    image, _, tag = dict(steps)["FROM"].partition(":")
    assert image == "python"
    assert re.fullmatch(r"3\.\d+-slim", tag)
    [install] = [rest for word, rest in steps if word == "RUN" and "pip" in rest]
    assert {"--require-hashes", "--no-cache-dir", "requirements.lock"} <= set(install.split())
    order = [word for word, _ in steps]
    assert order.index("USER") < order.index("CMD")
    assert dict(steps)["USER"] not in ("root", "0")


def test_all_that_the_image_copies_is_there_and_let_through() -> None:
    ignore = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert ignore[0] == "*"
    for word, rest in dockerfile():
        if word == "COPY":
            source = rest.split()[0]
            assert (ROOT / source).exists()
            assert f"!{source}" in ignore
    for needed in ("btm", "classifiers", "templates", "static", "migrations"):
        assert f"!{needed}" in ignore


def test_the_compose_file_starts_what_the_product_needs_in_order() -> None:
    services = compose()["services"]
    assert set(services) == {"prepare", "web", "worker", "database", "queue"}
    for name in ("web", "worker"):
        assert services[name]["depends_on"]["prepare"]["condition"] == "service_completed_successfully"
    for name, each in services.items():
        assert set(each.get("depends_on", {})) <= set(services), name
        assert ("build" in each) is (name in ("prepare", "web", "worker"))
        assert not each.get("privileged")
        assert not each["image"].endswith(":latest")
        assert {volume.split(":")[0] for volume in each.get("volumes", ())} <= set(compose()["volumes"])
    assert services["database"]["image"].startswith("postgres:")
    assert all(port.startswith("127.0.0.1:") for port in services["web"]["ports"])
    assert "ports" not in services["database"]
    assert (DEPLOY / services["web"]["build"]["context"] / services["web"]["build"]["dockerfile"]).is_file()


@pytest.mark.parametrize("name", UNITS)
def test_a_unit_is_whole_and_shut_in(name: str) -> None:
    read = unit(name)
    assert set(read.sections()) == {"Unit", "Service", "Install"}
    service = read["Service"]
    assert service["ExecStart"].startswith(f"{service['WorkingDirectory']}/.venv/bin/")
    assert service["User"] != "root"
    assert service["Restart"] == "always"
    assert service["ProtectSystem"] == "strict"
    assert service["ReadWritePaths"].startswith(service["WorkingDirectory"])
    if shutil.which("systemd-analyze"):
        done = subprocess.run(
            ["systemd-analyze", "verify", str(DEPLOY / name)], capture_output=True, text=True, check=False
        )
        wrong = re.compile(r"Unknown (?:key|section|lvalue)|Failed to parse|Invalid|Missing '='")
        assert not wrong.search(done.stderr), done.stderr


def test_nginx_hands_on_what_the_product_reads_and_logs_no_token() -> None:
    bare = re.sub(r"#[^\n]*", "", text("nginx.conf"))
    quoteless = re.sub(r"\"[^\"]*\"|'[^']*'", "x", bare)
    assert quoteless.count("{") == quoteless.count("}")
    for line in quoteless.splitlines():
        assert not line.strip() or line.rstrip().endswith((";", "{", "}")), line
    for header in ("Host", "X-Forwarded-Host", "X-Forwarded-For", "X-Forwarded-Proto", "X-Request-Id"):
        assert re.search(rf"proxy_set_header {header} \$\w+;", bare)
    [pattern] = re.findall(r'"~(\^/at/[^"]*)"', bare)
    of_python = re.compile(pattern.replace("(?<", "(?P<"))
    found = of_python.match("/at/a-token-of-forty-three-characters/c/drugs")
    assert found
    assert found["btm_rest"] == "/c/drugs"
    assert "$request_uri" not in bare.partition("server {")[0]


def metric_names() -> set[str]:
    """Every name that /metrics may have, with what a histogram adds to it."""
    some = {"x": 1}
    figures = FiguresView(1, 1.0, 1, 1, 1.0, some, some, some, (1.0, 2.0), some, (("t", 0.9, 1),), some, ())
    shown = exposition(figures, [PartView("database", True, "")]).decode()
    names = set(re.findall(r"^# TYPE (\S+)", shown, re.MULTILINE))
    timed = {f"btm_http_request_seconds_{end}" for end in ("bucket", "count", "sum")}
    return {name for name in names if name.startswith("btm_")} | timed


def test_every_alert_asks_for_what_is_measured_and_says_what_to_do() -> None:
    rules = [rule for group in yaml.safe_load(text("alerts.yaml"))["groups"] for rule in group["rules"]]
    assert len({rule["alert"] for rule in rules}) == len(rules) >= 10
    for rule in rules:
        assert set(rule) <= {"alert", "expr", "for", "labels", "annotations"}
        asked = set(re.findall(OURS, rule["expr"]))
        assert asked
        assert asked <= metric_names(), rule["alert"]
        assert rule["expr"].count("(") == rule["expr"].count(")")
        assert re.fullmatch(r"\d+[mh]", rule.get("for", "1m"))
        assert rule["labels"]["severity"] in ("page", "ticket")
        assert set(rule["annotations"]) == {"summary", "action"}


def test_the_labels_that_alerts_pick_are_there() -> None:
    asked = dict(re.findall(r'(btm_\w+)\{(\w+)="', text("alerts.yaml")))
    assert asked == {
        "btm_verdict_seconds": "quantile", "btm_recent_fetches": "outcome", "btm_points": "where",
        "btm_http_request_seconds_count": "status", "btm_tasks": "state",
    }  # fmt: skip
    where = set(re.findall(r'where="(\w+)"', text("alerts.yaml")))
    assert where <= {"left", "reserved", "earned", "paid_out"}


def test_what_operators_want_to_know_is_measured() -> None:
    assert {
        "btm_queue_pages", "btm_queue_oldest_seconds", "btm_review_open", "btm_recent_fetches", "btm_verdict_seconds",
        "btm_points", "btm_judge_accuracy", "btm_http_request_seconds",
    } <= metric_names()  # fmt: skip


def test_the_handbook_names_no_metric_that_there_is_not() -> None:
    handbook = (ROOT / "docs/operations.md").read_text(encoding="utf-8")
    assert set(re.findall(OURS, handbook)) - {"btm_env"} <= metric_names()
    for path in FILES:
        assert f"({'../' if path.parent == ROOT else '../deploy/'}{path.name})" in handbook, path.name
