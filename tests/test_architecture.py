"""The house's rules that no import contract says."""

from __future__ import annotations

import ast
import pkgutil
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

SHARED = {"bell", "refusals"}
"""Modules of btm.services that every use case may import, besides views and those whose docstring says "Shared by the services"."""
SHARED_NAMES = {("sessions", "add_session")}
"""Single names that services may take from a use case."""


def sources(folder: str) -> list[Path]:
    return sorted(path for path in (ROOT / folder).rglob("*.py") if "__pycache__" not in path.parts)


def shown(path: Path) -> str:
    return str(path.relative_to(ROOT))


def tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("this is no git checkout")
    return [ROOT / line for line in listed.stdout.splitlines() if (ROOT / line).is_file()]


def test_the_import_contracts_hold() -> None:
    done = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_importing_a_rule_or_a_machine_loads_neither_flask_nor_sqlalchemy() -> None:
    names = [
        found.name
        for package in ("btm/rules", "classifiers")
        for found in pkgutil.walk_packages([str(ROOT / package)], prefix=package.replace("/", ".") + ".")
    ]
    assert {"btm.rules.scoring", "classifiers.text", "classifiers.novelty"} <= set(names)
    program = (
        "import importlib, sys\n"
        "for name in sys.argv[1:]:\n"
        "    importlib.import_module(name)\n"
        "    loaded = {part.partition('.')[0] for part in sys.modules} & {'flask', 'sqlalchemy', 'flask_sqlalchemy', 'werkzeug'}\n"
        "    assert not loaded, f'{name} loads {loaded}'\n"
    )
    subprocess.run([sys.executable, "-c", program, *names], cwd=ROOT, check=True)


def test_importing_a_rule_loads_numpy_and_the_standard_library_only() -> None:
    program = (
        "import sys\n"
        "from btm.rules import scoring, quotes, settlement, verification\n"
        "outside = {n.partition('.')[0] for n in sys.modules} - set(sys.stdlib_module_names) - {'btm', 'numpy', '__main__'}\n"
        "print(sorted(n for n in outside if not n.startswith('_')))\n"
    )
    done = subprocess.run(
        [sys.executable, "-S", "-c", _with_site(program)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "[]"


def _with_site(program: str) -> str:
    """Run without site hooks (which load modules of their own), yet with the environment's packages."""
    import numpy

    return f"import sys; sys.path.append({str(Path(numpy.__file__).parent.parent)!r})\n{program}"


def test_no_use_case_imports_another() -> None:
    says_so = {path.stem for path in sources("btm/services") if "Shared by the services" in _docstring(path)}
    assert {"finding", "memory", "near_duplicates"} <= says_so
    wrong = []
    for path in sources("btm/services"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            for module, name in _service_imports(node):
                if (
                    not module.startswith("views")
                    and module not in SHARED | says_so
                    and (module, name) not in SHARED_NAMES
                ):
                    wrong.append(f"{shown(path)}:{node.lineno} takes {name} from {module}")  # type: ignore[attr-defined]
    assert not wrong, wrong


def _docstring(path: Path) -> str:
    return ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""


def _service_imports(node: ast.AST) -> list[tuple[str, str]]:
    if isinstance(node, ast.ImportFrom) and node.module == "btm.services":
        return [(alias.name, alias.name) for alias in node.names]
    if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("btm.services."):
        module = (node.module or "").split(".")[2]
        return [(module, alias.name) for alias in node.names]
    if isinstance(node, ast.Import):
        return [
            (alias.name.split(".")[2], "*") for alias in node.names if alias.name.startswith("btm.services.")
        ]
    return []


def test_only_the_store_commits() -> None:
    commits = re.compile(r"\.(commit|rollback)\(")
    wrong = [
        shown(path)
        for path in [*sources("btm"), ROOT / "app.py"]
        if "store" not in path.relative_to(ROOT).parts and commits.search(path.read_text(encoding="utf-8"))
    ]
    assert not wrong


def test_the_rules_ask_neither_clock_nor_dice_nor_world() -> None:
    asks = re.compile(
        r"\b(datetime\.now|time\.time|utcnow|random\.(?!Generator\b)|uuid|secrets|os\.environ|open\()"
    )
    wrong = [shown(path) for path in sources("btm/rules") if asks.search(path.read_text(encoding="utf-8"))]
    assert not wrong


def test_every_setting_of_the_environment_is_documented_and_every_documented_one_is_read() -> None:
    name = re.compile(r"\bBTM_[A-Z_]+\b")
    read = set(name.findall((ROOT / "btm/config.py").read_text(encoding="utf-8")))
    table = re.compile(r"^\| `(BTM_[A-Z_]+)` \| [^|]+ \| [^|]+ \|$", re.MULTILINE)
    documented = set(table.findall((ROOT / "docs/settings.md").read_text(encoding="utf-8")))
    assert documented == read - {"BTM_"}


def test_every_constant_of_a_challenge_is_documented_with_its_default() -> None:
    from dataclasses import asdict

    from btm.rules.settings import ChallengeRules

    text = (ROOT / "docs/settings.md").read_text(encoding="utf-8")
    for name, default in asdict(ChallengeRules()).items():
        assert re.search(rf"^\| `{name}` \| {re.escape(f'{default:g}')} \| [^|]+ \|$", text, re.MULTILINE), (
            name
        )


@pytest.mark.parametrize(("folder", "most"), [("classifiers", 300), ("btm", 350)])
def test_no_file_has_grown_past_one_idea(folder: str, most: int) -> None:
    lengths = {shown(path): len(path.read_text(encoding="utf-8").splitlines()) for path in sources(folder)}
    assert not {name: length for name, length in lengths.items() if length > most}


def test_no_text_names_a_place_on_somebody_s_machine() -> None:
    place = re.compile(rb"(?<![\w.])/(?:home/[a-z]\w+/|work/|Users/\w+/|root/)[\w.-]*")
    wrong = {}
    for path in tracked():
        body = path.read_bytes()
        if b"\x00" not in body and path != Path(__file__) and (found := place.search(body)):
            wrong[shown(path)] = found[0]
    assert not wrong


def test_every_package_of_the_requirements_is_pinned() -> None:
    for name in ("requirements.txt", "requirements-dev.txt"):
        for line in (ROOT / name).read_text(encoding="utf-8").splitlines():
            assert not line or line.startswith(("#", "-r ")) or re.fullmatch(r"[\w.\[\]-]+==[\w.]+", line), (
                line
            )
