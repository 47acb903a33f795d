from __future__ import annotations

import pytest

from btm.rules.permissions import may_model


@pytest.mark.parametrize(
    ("roles", "allowed"),
    [
        (set(), False), ({("admin", "")}, True), ({("modeler", "")}, True), ({("modeler", "drugs")}, True),
        ({("modeler", "alcohol")}, False), ({("admin", "drugs")}, False), ({("player", "")}, False),
    ],
)  # fmt: skip
def test_who_may_see_the_corpus_of_drugs(roles: set[tuple[str, str]], allowed: bool) -> None:
    assert may_model(roles, "drugs") is allowed
