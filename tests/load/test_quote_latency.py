"""The bench of the two-second promise runs and measures what it says; its figures are for quiet machines (docs/performance.md)."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.conftest import missing
from tests.e2e.site import data_folder

ROOT = Path(__file__).resolve().parents[2]

pytestmark = [pytest.mark.data, pytest.mark.timeout(300)]


def test_every_page_is_answered():
    if data_folder() is None:
        missing("there is no development data: put it beside the checkout, or name it in BTM_TEST_DATA")
    done = subprocess.run(
        [sys.executable, "bench/quote_latency.py", "--pages", "6", "--players", "2", "--limit", "0", "--profile"],
        cwd=ROOT, capture_output=True, text=True, timeout=240, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "6 pages in" in done.stdout
    assert "queued" not in done.stdout
    assert "fetching" not in done.stdout
    p50, p95, longest = map(
        float, re.search(r"p50 ([\d.]+) s, p95 ([\d.]+) s, max ([\d.]+) s", done.stdout).groups()
    )
    assert 0 < p50 <= p95 <= longest < 60
