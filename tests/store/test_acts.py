"""The record of privileged acts."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from btm.store.acts import list_acts, record_act
from btm.store.transaction import reading, transaction

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def test_an_act_is_kept_with_what_it_changed_and_read_newest_first(game):
    with transaction() as session:
        record_act(session, "pause", "challenge:drugs", actor_id=None, at=NOW)
        record_act(session, "fund", "challenge:guns", actor_id=None, at=NOW, detail={"points": 5})
    with reading() as session:
        assert [act.verb for act, _ in list_acts(session)] == ["fund", "pause"]
        [(act, who)] = list_acts(session, subject="challenge:guns")
        assert (act.detail, who) == ({"points": 5}, None)
        assert [each.verb for each, _ in list_acts(session, before=act.id)] == ["pause"]


def test_an_act_that_failed_leaves_no_record(game):
    def fail_half_way():
        with transaction() as session:
            record_act(session, "pause", "challenge:drugs", actor_id=None, at=NOW)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail_half_way()
    with reading() as session:
        assert list_acts(session) == []
