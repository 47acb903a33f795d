"""What finds would pay if a challenge were changed so: nothing is written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from btm.rules.edits import merge_changes
from btm.rules.read_design import read_design
from btm.rules.worked_example import WorkedExample
from btm.services.authoring import design_of, example_of, facts_of, get_authored
from btm.store.transaction import reading


def show_example(slug: str, changes: Mapping[str, Any], *, asker_id: int | None) -> WorkedExample | None:
    """changes: as for `edit_challenge`. None while there is no target. Raises NotFound, Forbidden, Invalid (with the field)."""
    with reading() as session:
        row = get_authored(session, slug, asker_id)
        design = read_design(merge_changes(design_of(row), changes))
        return example_of(design, facts_of(session, row, design_of(row)))
