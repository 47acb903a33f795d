"""The JSON API: the same rules as the pages, asked with a token."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..support.rounds import csv_of, natural
from .kinds import ADMIN, ANY_MODELER, HIDDEN, MEMBER, MODELER, OPEN, OWNER, Row
from .rows_console import CLUSTER, JUDGE, MACHINE, ROUND
from .rows_game import NOT_HELD

UNTESTED = dict.fromkeys(("player", "modeler", "other", "admin", "blocked"), 403)


def api(answers: Mapping[str, int], ok: int = 200, **more: Any) -> Row:
    """A row of the API's."""
    return Row(answers, ok, by_token=True, **more)


PUBLIC_ID = {"public_id": "quoted"}
ITEM = {"item_id": "item-open"}
JUDGEMENT = {"token": NOT_HELD["token"], "label": "spam", "seconds": 9}

PAGES = csv_of(20, 0).decode()
BATCH = {"batch_id": "nothing"}
WORK = {"work_id": "work"}
HOOK = {"webhook_id": "hook"}
TERMS = dict.fromkeys(("pieces", "places", "reward", "minutes", "days"), 5) | {
    "platform": "mturk", "kind": "play", "title": "Find", "description": "Find.",
}  # fmt: skip

ROWS = {
    "GET api-docs.openapi_json": api(OPEN),
    "GET api_me.show_me": api(MEMBER),
    "GET api_me.statement": api(MEMBER),
    "GET api_challenges.list_all": api(OPEN),
    "GET api_challenges.show_one": api(OPEN),
    "GET api_challenges.list_public_finds": api(OPEN),
    "POST api_play.hand_in": api(MEMBER, 201, form={"url": "https://new.example/page"}),
    "GET api_play.list_own": api(MEMBER),
    "GET api_play.show": api(OWNER, at=PUBLIC_ID),
    "POST api_play.commit": api(OWNER, at=PUBLIC_ID),
    "POST api_play.withdraw": api(OWNER, at=PUBLIC_ID),
    "POST api_play.appeal": api(OWNER, at={"public_id": "rejected"}, form={"reason": "It is."}),
    "GET api_review.list_offers": api(MEMBER),
    "POST api_review.take_next": api(MEMBER, but=UNTESTED),
    "POST api_review.judge": api(MEMBER, 409, at=ITEM, form=JUDGEMENT, but=UNTESTED),
    "POST api_review.give_back": api(MEMBER, 409, at=ITEM, form={"token": "not mine"}),
    "GET api_review.own_record": api(MEMBER),
    "GET api_review.show_test": api(MEMBER),
    "POST api_review.take_test": api(MEMBER, form={"answers": {}}),
    "GET api_authoring.list_own": api(ANY_MODELER),
    "GET api_authoring.list_starting_points": api(ANY_MODELER),
    "POST api_authoring.create": api(ADMIN, 201, form={"design": {"title": "New"}}),
    "POST api_authoring.import_file": api(ADMIN, 201, form={"yaml": "title: New"}),
    "GET api_authoring.show": api(MODELER),
    "PATCH api_authoring.edit": api(MODELER, form={"changes": {"title": "Another title"}}),
    "GET api_authoring.export_file": api(MODELER),
    "POST api_authoring.clone": api(ADMIN, 201),
    "POST api_authoring.change_state": api(MODELER, form={"state": "paused"}),
    "POST api_authoring.fund": api(MODELER, form={"points": 100}),
    "GET api_machines.list_fitting": api(MODELER),
    "POST api_machines.train": api(MODELER, 202, form={"name": "own", "data": PAGES}),
    "POST api_machines.register": api(
        ADMIN,
        422,
        form={"name": "afar", "url": "http://127.0.0.1:1/", "labels": ["spam", "ham"], "timeout": 1},
        but={"modeler": 403, "other": 403},
    ),
    "GET api_machines.report": api(MODELER, at=MACHINE),
    "POST api_machines.activate": api(MODELER, at=MACHINE),
    "POST api_machines.evaluate": api(MODELER, 202, at=MACHINE, form={"data": PAGES}),
    "GET api_machines.list_tasks": api(MODELER),
    "GET api_machines.show_work": api(HIDDEN, at={"task_id": "task"}),
    "GET api_corpus.show": api(MODELER),
    "GET api_corpus.list_clusters": api(MODELER),
    "GET api_corpus.show_one_cluster": api(MODELER, at=CLUSTER),
    "PATCH api_corpus.name_cluster": api(MODELER, at=CLUSTER, form={"name": "Coupons"}),
    "GET api_corpus.map_of_finds": api(MODELER),
    "GET api_corpus.export": api(MODELER, at={"format": "jsonl"}),
    "GET api_corpus.export_data_set": api(MODELER),
    "GET api_corpus.export_archive": api(MODELER),
    "GET api_corpus.list_audits": api(MODELER),
    "POST api_corpus.inspect": api(MODELER, 202, form={"bins": 1, "wanted": 1, "data": PAGES}),
    "GET api_corpus.show_inspection": api(MODELER, at={"audit_id": "audit"}),
    "GET api_corpus.list_rounds": api(MODELER),
    "POST api_corpus.start_learning": api(MODELER, 202, form={"natural_data": natural().decode()}),
    "GET api_corpus.show_round": api(MODELER, at=ROUND),
    "POST api_corpus.promote": api(MODELER, at=ROUND, form={"force": True}),
    "POST api_corpus.roll_back": api(MODELER, at={"round_id": "promoted"}),
    "GET api_corpus.list_scans": api(MODELER),
    "GET api_corpus.show_one_scan": api(MODELER, at={"scan_id": "scan"}),
    "GET api_takedowns.list_tombstones": api(MODELER),
    "POST api_takedowns.take": api(MODELER, 201, form={"what": "item-open", "reason": "private"}),
    "GET api_judges.list_judges": api(MODELER),
    "GET api_judges.suspects": api(MODELER),
    "GET api_judges.show": api(MODELER, at=JUDGE),
    "POST api_judges.block": api(MODELER, at=JUDGE, form={"note": "Not read."}),
    "POST api_judges.lift": api(MODELER, at=JUDGE, form={"note": "A mistake of ours."}),
    "GET api_judges.agreement": api(MODELER),
    "GET api_judges.list_gold": api(MODELER),
    "POST api_judges.mark": api(MODELER, 201, form={"item": "settled", "truth": "spam"}),
    "POST api_judges.retire": api(MODELER, at={"gold_id": "gold"}),
    "POST api_judges.settle_dispute": api(
        MODELER, at={"dispute_id": "dispute"}, form={"upheld": False, "answer": "It stays."}
    ),
    "GET api_judges.desk": api(MODELER),
    "POST api_judges.decide": api(
        MODELER, at={"item_id": "undecided"}, form={"label": "spam", "reason": "It sells."}
    ),
    "GET api_pool.show": api(MODELER),
    "GET api_pool.list_pages": api(MODELER),
    "POST api_pool.import_pages": api(MODELER, 202, form={"data": PAGES}),
    "POST api_pool.put_up": api(MODELER, 409),
    "GET api_pool.export": api(MODELER, at={"format": "csv"}),
    "GET api_pool.examples": api(MODELER),
    "POST api_pool.train_first": api(MODELER, 409, form={"name": "first"}),
    "GET api_pool.urls": api(MODELER, at={"format": "csv"}),
    "GET api_platforms.list_works": api(MODELER),
    "POST api_platforms.publish": api(MODELER, 409, form=TERMS),
    "GET api_platforms.show_one": api(MODELER, at=WORK),
    "POST api_platforms.close": api(MODELER, at=WORK),
    "GET api_platforms.list_invites": api(MODELER),
    "POST api_platforms.invite": api(MODELER, 201, form={"kind": "play", "most_uses": 5}),
    "POST api_platforms.revoke": api(MODELER, at={"code": "invite"}),
    "GET api_budgets.show": api(MODELER),
    "PUT api_budgets.stop": api(MODELER, form={"finds": 9}),
    "GET api_budgets.show_newest_search": api(MODELER, 404),
    "POST api_budgets.begin_search": api(MODELER, 201, form={}),
    "POST api_budgets.end_search": api(MODELER, 409),
    "GET api_money.payable": api(ADMIN),
    "GET api_money.list_batches": api(ADMIN),
    "POST api_money.open_batch": api(ADMIN, 201),
    "GET api_money.show_batch": api(ADMIN, 404, at=BATCH),
    "POST api_money.move": api(ADMIN, 404, at=BATCH, form={"to": "freeze"}),
    "POST api_money.reconcile": api(ADMIN, 404, at=BATCH),
    "GET api_money.bank_file": api(ADMIN, 404, at=BATCH),
    "GET api_money.list_held": api(MODELER),
    "POST api_money.say": api(MODELER, at={"public_id": "find"}, form={"to": "pay"}),
    "GET api_webhooks.list_hooks": api(MODELER),
    "POST api_webhooks.make": api(
        MODELER, 201, form={"url": "https://hooks.example/", "events": ["verdict"]}
    ),
    "DELETE api_webhooks.end": api(MODELER, 204, at=HOOK),
    "POST api_webhooks.pause": api(MODELER, at=HOOK),
    "POST api_webhooks.resume": api(MODELER, at=HOOK),
    "POST api_webhooks.try_out": api(MODELER, at=HOOK),
    "GET api_webhooks.list_told": api(MODELER, at=HOOK),
    "POST api_webhooks.send_again": api(MODELER, at={**HOOK, "delivery_id": "delivery"}),
}
