"""Services that answer from samples. Each call is checked against the real function's signature, so that a fake
cannot drift from what it stands for."""

from __future__ import annotations

import importlib
import inspect
import sys
import types
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from btm.rules.errors import Conflict, Forbidden, Invalid, NotFound
from btm.services.views_collecting import PoolList

from . import samples as s
from . import samples_clusters as c
from . import samples_collect as sc
from . import samples_judges as j
from . import samples_machines as m
from . import samples_takedowns as st

NAMES = (
    "open_visitor.open_visitor", "register.register", "log_in.log_in", "sessions.find_account", "sessions.log_out",
    "sessions.list_sessions", "sessions.revoke_session", "sessions.start_session", "change_password.change_password",
    "tokens.list_tokens", "tokens.make_token", "tokens.revoke_token",
    "list_challenges.list_challenges", "show_challenge.show_challenge", "show_machine.show_machine", "show_machine.list_machines",
    "submit_page.submit_page", "show_submission.show_submission", "list_submissions.list_submissions",
    "commit_submission.commit_submission", "withdraw_submission.withdraw_submission", "list_judging.list_judging",
    "qualify.show_qualification", "qualify.take_qualification", "qualify.answer_one", "note_device.note_device",
    "show_own_record.show_own_record", "dispute_gold.dispute_gold", "appeal_submission.appeal_submission",
    "lease_review.lease_review", "record_judgement.record_judgement",
    "show_statement.show_statement", "show_statement.write_statement", "show_leaderboard.show_leaderboard", "list_finds.list_finds",
    "export_corpus.export_corpus", "export_dataset.zip_dataset", "export_warc.export_warc", "show_console.show_console", "list_machine_versions.list_machine_versions",
    "show_machine_report.show_machine_report", "activate_machine.activate_machine", "register_machine.register_machine",
    "start_task.start_training", "start_task.start_evaluation", "show_task.show_task", "show_task.list_tasks",
    "show_judges.show_judges", "show_judge.show_judge", "change_standing.block_judge", "change_standing.lift_block",
    "show_agreement.show_agreement", "show_gold.show_gold", "mark_gold.mark_gold", "retire_gold.retire_gold",
    "decide_dispute.decide_dispute", "show_desk.show_desk", "decide_at_desk.decide_at_desk",
    "show_corpus.show_corpus", "show_map.show_map", "show_cluster.show_cluster", "edit_cluster.edit_cluster",
    "show_audit.list_audits", "show_audit.show_audit", "start_audit.start_audit", "show_rounds.show_rounds",
    "show_rounds.show_round", "start_round.start_round", "promote_round.promote_round", "roll_back_round.roll_back_round",
    "show_collecting.show_collecting", "train_first_machine.start_first_machine", "export_urls.export_urls",
    "erase_account.show_erasure", "erase_account.erase_account", "export_own_data.export_own_data",
    "show_pool.show_pool", "list_pool.list_pool", "import_pool.start_pool_import", "import_pool.put_up_more", "export_pool.export_pool",
    "show_takedowns.show_takedowns", "take_down.take_down",
)  # fmt: skip


class FakeServices:
    """One attribute a service function. A test sets `answers["show_statement"] = ...` (a value, or an error to raise)
    and reads `calls`."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = []
        self.answers: dict[str, Any] = {}
        self.accounts = {"member": s.MEMBER, "visitor": s.VISITOR, "modeler": s.MODELER, "admin": s.ADMIN}
        self.judged: list[str] = []
        self.polls = 0

    def called(self, name: str) -> list[dict[str, Any]]:
        """The keyword arguments of each call of `name`, positional ones under their index."""
        return [{**dict(enumerate(args)), **kwargs} for called, args, kwargs in self.calls if called == name]

    def default(self, name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        plain = {
            "open_visitor": "visitor", "register": 7, "log_in": "member", "list_sessions": s.SESSIONS, "list_tokens": s.TOKENS, "make_token": "btm_new",
            "show_erasure": s.ERASURE, "export_own_data": "{}",
            "list_challenges": s.CARDS, "list_machines": [s.MACHINE], "submit_page": "queued",
            "list_submissions": (s.ROWS, "older"), "list_judging": s.OFFERS, "show_qualification": s.TEST,
            "take_qualification": s.TEST_FAILED, "show_own_record": s.RECORD, "answer_one": s.TEST_FAILED.answers[0],
            "show_statement": s.STATEMENT, "write_statement": iter((b"at,points\n",)), "list_finds": s.FOUND,
            "show_console": s.CONSOLE, "activate_machine": m.TRAINED, "register_machine": m.REMOTE,
            "start_training": "queued", "start_evaluation": "queued", "show_judges": j.LIST, "show_agreement": j.AGREEMENT,
            "show_gold": j.SHELF, "mark_gold": "g9", "show_corpus": c.CORPUS, "show_map": c.MAP, "list_audits": c.AUDITS,
            "start_audit": "queued", "show_rounds": c.ROUND_LIST, "start_round": "training",
            "promote_round": c.ROUNDS["promoted"], "roll_back_round": c.ROUNDS["rolled_back"], "show_collecting": sc.COLLECTING, "start_first_machine": "queued",
            "show_pool": sc.POOL, "start_pool_import": "queued", "put_up_more": 25, "show_takedowns": st.TAKEN, "take_down": "down1",
        }  # fmt: skip
        if name in plain:
            return plain[name]
        return getattr(self, name, lambda *a, **k: None)(*args, **kwargs)

    def find_account(self, token: str, *, now: Any, with_balance: bool = True) -> Any:
        return self.accounts.get(token, self.accounts["member"] if len(token) > 20 else None)

    def show_challenge(self, slug: str, *, now: Any, viewer_id: int | None = None) -> Any:
        known = {
            "drugs": s.CHALLENGE,
            "not-drugs": s.TAME,
            "paused": s.PAUSED,
            "spent": s.SPENT,
            "collect": sc.COLLECT,
        }
        if slug not in known:
            raise NotFound("There is no such challenge.")
        return known[slug]

    def show_machine(self, name: str, version: str | None = None, *, now: Any) -> Any:
        if name != "drugs":
            raise NotFound("There is no such machine.")
        return s.MACHINE

    def show_submission(self, public_id: str, *, viewer_id: int | None, now: Any) -> Any:
        if public_id in sc.SUBMISSIONS:
            return sc.SUBMISSIONS[public_id]
        if public_id not in s.SUBMISSIONS:
            raise NotFound("There is no such page.")
        if public_id == "queued":
            self.polls += 1
            steps = {
                1: ("queued", ""),
                2: ("fetching", "fetching"),
                3: ("fetching", "reading"),
                4: ("fetching", "asking"),
            }
            if self.polls not in steps:
                return replace(s.SUBMISSIONS["quoted"], public_id="queued")
            state, step = steps[self.polls]
            return replace(s.SUBMISSIONS["queued"], state=state, step=step)
        return s.SUBMISSIONS[public_id]

    def list_machine_versions(self, name: str | None = None, *, slug: str | None = None) -> Any:
        return [each for each in m.VERSIONS if name in (None, each.name)]

    def show_machine_report(
        self, name: str, version: str | None = None, *, evaluation_id: int | None = None
    ) -> Any:
        found = next((each for each in m.VERSIONS if (each.name, each.version) == (name, version)), None)
        if found is None:
            raise NotFound("There is no such machine.")
        return replace(m.REPORT if found.measured else m.REPORT_NONE, machine=found)

    def list_tasks(self, slug: str, *, asker_id: int) -> Any:
        if asker_id != s.MODELER.id:
            raise Forbidden("The machines of this challenge are for its modelers.", code="not_modeler")
        self.show_challenge(slug, now=None)
        return list(m.TASKS.values())

    def show_task(self, public_id: str, *, asker_id: int) -> Any:
        if public_id not in m.TASKS:
            raise NotFound("There is no such task of yours.")
        if public_id == "queued":
            self.polls += 1
            now = {1: "queued", 2: "running"}.get(self.polls, "done")
            return replace(m.TASKS[now], public_id="queued")
        return m.TASKS[public_id]

    def show_judge(self, slug: str, account_id: int, **kwargs: Any) -> Any:
        if account_id not in j.REPORTS:
            raise NotFound("There is no such judge.")
        return j.REPORTS[account_id]

    def show_desk(self, slug: str, *, asker_id: int, item_public_id: str | None) -> Any:
        if item_public_id not in (None, "item1", "item2"):
            raise NotFound("This page does not wait for you.")
        return j.DESK_POOL if item_public_id == "item2" else j.DESK

    def show_cluster(self, slug: str, cluster_id: str, **kwargs: Any) -> Any:
        if cluster_id not in c.REPORTS:
            raise NotFound("There is no such cluster.")
        return c.REPORTS[cluster_id]

    def show_audit(self, slug: str, audit_id: str, *, asker_id: int) -> Any:
        found = next((each for each in c.AUDITS if each.public_id == audit_id), None)
        if found is None:
            raise NotFound("There is no such inspection.")
        return found

    def show_round(self, slug: str, round_id: str, *, asker_id: int) -> Any:
        if round_id not in c.ROUNDS:
            raise NotFound("There is no such round.")
        return c.ROUNDS[round_id]

    def show_leaderboard(self, *, slug: str | None, period: str, viewer_id: int | None, now: Any) -> Any:
        return s.BOARD_OF_ONE if slug else replace(s.BOARD, period=period)

    def lease_review(self, slug: str, **kwargs: Any) -> Any:
        view = s.JUDGING_TAME if slug == "not-drugs" else s.JUDGING
        free = [item for item in (s.ITEM, s.ITEM2) if item.public_id not in (*self.judged, kwargs["beside"])]
        return replace(view, item=free[0] if free else None)

    def record_judgement(self, item: str, **kwargs: Any) -> None:
        self.judged.append(item)

    def export_corpus(
        self, slug: str, format: str, query: Any = None, *, asker_id: int | None, now: Any
    ) -> Any:
        yield b'{"id": "f0"}\n'
        yield b'{"id": "f1"}\n'

    def export_urls(self, slug: str, format: str, **kwargs: Any) -> Any:
        yield b"https://a.example/\n"

    def list_pool(
        self, slug: str, *, state: str = "", cursor: str | None = None, asker_id: int | None
    ) -> Any:
        pages = tuple(each for each in sc.POOL_PAGES if state in ("", each.state))
        return PoolList(state, pages, None if state or cursor else "40")

    def export_pool(self, slug: str, format: str, **kwargs: Any) -> Any:
        yield b"name\r\n"

    def zip_dataset(self, slug: str, query: Any = None, *, asker_id: int | None, now: Any) -> Any:
        yield b"PK"

    def export_warc(
        self, slug: str, query: Any = None, *, asker_id: int | None, now: Any, snapshots: Any
    ) -> Any:
        yield b"WARC"


def fake(services: FakeServices, name: str, real: Callable[..., Any] | None) -> Callable[..., Any]:
    signature = inspect.signature(real) if real else None

    def call(*args: Any, **kwargs: Any) -> Any:
        if signature:
            signature.bind(*args, **kwargs)
        services.calls.append((name, args, kwargs))
        answer = services.answers[name] if name in services.answers else services.default(name, args, kwargs)
        if isinstance(answer, Exception):
            raise answer
        return answer

    return call


def install(services: FakeServices, put: Callable[[Any, str, Any], None] = setattr) -> None:
    """Put the fakes in place of every service function; `put` is monkeypatch.setattr in tests."""
    import btm.services

    for dotted in NAMES:
        module_name, name = dotted.split(".")
        full = f"btm.services.{module_name}"
        try:
            module = importlib.import_module(full)
        except ImportError:
            module = sys.modules[full] = types.ModuleType(full)
            setattr(btm.services, module_name, module)
        put(module, name, fake(services, name, getattr(module, name, None)))


__all__ = ["Conflict", "FakeServices", "Forbidden", "Invalid", "NotFound", "install"]
