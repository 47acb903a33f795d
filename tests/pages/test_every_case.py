"""No hostile case without a test."""

from __future__ import annotations

import pytest

from ..hostile import test_abuse, test_display  # noqa: F401
from . import (  # noqa: F401 - importing them is what registers their cases
    test_guard,
    test_hostile_dns,
    test_hostile_html,
    test_hostile_redirects,
    test_hostile_responses,
)
from .support import APP_KINDS, LIVE_KINDS, covered, data_file, hostile_cases


@pytest.mark.data
def test_every_listed_fetch_has_a_live_test():
    data_file("hostile_fetches.json")
    cases = hostile_cases()
    assert {case["kind"] for case in cases} - {*LIVE_KINDS, *APP_KINDS} == set()
    behaviours = {case["id"] for case in cases if "url" not in case}
    assert behaviours - covered == set()
    assert covered - behaviours == set()
