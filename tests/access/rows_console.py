"""The console: a challenge's machines, judges, desk, gold, corpus, inspections, rounds, long work and exports."""

from __future__ import annotations

from ..support.rounds import csv_of, natural
from .kinds import ADMIN, ANY_MODELER, HIDDEN, MODELER, Row

PAGES = csv_of(20, 0)
MACHINE = {"name": "toy", "version": "1"}
CLUSTER = {"cluster_id": "cluster"}
ROUND = {"round_id": "round"}
TASK = {"public_id": "task"}
HOOK = {"webhook_id": "hook"}
STEP = {"step": "brief"}
JUDGE = {"account_id": "judge"}
ENDPOINT = {"name": "afar", "url": "http://127.0.0.1:1/", "labels": "spam, ham", "timeout": "1"}

ROWS = {
    "GET corpus.console": Row(ANY_MODELER),
    "GET health.status": Row(ADMIN),
    "GET corpus.export": Row(MODELER, at={"format": "jsonl"}),
    "GET corpus.export_data_set": Row(MODELER),
    "GET corpus.export_archive": Row(MODELER),
    "GET console.machines": Row(MODELER),
    "GET console.report": Row(MODELER, at=MACHINE),
    "GET console.ask_activation": Row(MODELER, at=MACHINE),
    "POST console.activate": Row(MODELER, 303, at=MACHINE),
    "GET console_work.train": Row(MODELER),
    "POST console_work.train": Row(MODELER, 303, form={"name": "own", "data": PAGES}),
    "GET console_work.evaluate": Row(MODELER, at=MACHINE),
    "POST console_work.evaluate": Row(MODELER, 303, at=MACHINE, form={"data": PAGES}),
    "GET console_work.register": Row(MODELER),
    "POST console_work.register": Row(ADMIN, 422, form=ENDPOINT),
    "GET console_work.task": Row(HIDDEN, at=TASK),
    "GET console_work.card": Row(HIDDEN, at=TASK),
    "GET console_judges.judges": Row(MODELER),
    "GET console_judges.players": Row(MODELER),
    "GET console_judges.judge": Row(MODELER, at=JUDGE),
    "POST console_judges.block": Row(MODELER, 303, at=JUDGE, form={"note": "Not read."}),
    "POST console_judges.lift": Row(MODELER, 303, at=JUDGE, form={"note": "A mistake of ours."}),
    "GET console_judges.desk": Row(MODELER),
    "POST console_judges.decide": Row(
        MODELER, 303, at={"item": "undecided"}, form={"label": "spam", "reason": "It sells."}
    ),
    "GET console_judges.gold": Row(MODELER),
    "POST console_judges.mark": Row(MODELER, 303, at={"item": "settled"}, form={"truth": "spam"}),
    "POST console_judges.retire": Row(MODELER, 303, at={"public_id": "gold"}),
    "POST console_judges.dispute": Row(
        MODELER, 303, at={"dispute_id": "dispute"}, form={"upheld": "0", "answer": "It stays."}
    ),
    "GET console_corpus.corpus": Row(MODELER),
    "GET console_corpus.map": Row(MODELER),
    "GET console_corpus.finds": Row(MODELER),
    "GET console_corpus.cluster": Row(MODELER, at=CLUSTER),
    "POST console_corpus.edit": Row(MODELER, 303, at=CLUSTER, form={"name": "Coupons", "notes": ""}),
    "GET console_audits.audits": Row(MODELER),
    "POST console_audits.start": Row(MODELER, 303, form={"bins": "1", "wanted": "1", "data": PAGES}),
    "GET console_audits.audit": Row(MODELER, at={"audit_id": "audit"}),
    "GET console_collect.examples": Row(MODELER),
    "POST console_collect.train": Row(MODELER, 409, form={"name": "first"}),
    "GET console_collect.urls": Row(MODELER, at={"format": "csv"}),
    "GET console_pool.pool": Row(MODELER),
    "POST console_pool.start": Row(MODELER, 303, form={"ranking": "lmu", "most": "1", "data": PAGES}),
    "POST console_pool.review": Row(MODELER, 409, form={"ranking": "lu", "most": "1"}),
    "GET console_pool.export": Row(MODELER, at={"format": "csv"}),
    "GET console_rounds.rounds": Row(MODELER),
    "POST console_rounds.start": Row(MODELER, 303, form={"natural": natural()}),
    "GET console_rounds.round": Row(MODELER, at=ROUND),
    "GET console_rounds.card": Row(MODELER, at=ROUND),
    "GET console_rounds.ask_promotion": Row(MODELER, at=ROUND),
    "POST console_rounds.promote": Row(MODELER, 303, at=ROUND, form={"force": "1"}),
    "GET console_rounds.ask_roll_back": Row(MODELER, at=ROUND),
    "POST console_rounds.roll_back": Row(MODELER, 303, at={"round_id": "promoted"}),
    "GET console_platforms.people": Row(MODELER),
    "POST console_platforms.publish": Row(MODELER, 422, form={"pieces": "none"}),
    "GET console_platforms.work": Row(MODELER, at={"public_id": "work"}),
    "POST console_platforms.close": Row(MODELER, 303, at={"public_id": "work"}),
    "POST console_platforms.invite": Row(MODELER, 303, form={"kind": "play", "most_uses": "5"}),
    "GET console_webhooks.webhooks_list": Row(MODELER),
    "POST console_webhooks.make": Row(MODELER, form={"url": "https://hooks.example/", "events": "verdict"}),
    "GET console_webhooks.webhook": Row(MODELER, at=HOOK),
    "POST console_webhooks.test": Row(MODELER, 303, at=HOOK),
    "POST console_webhooks.pause": Row(MODELER, 303, at=HOOK),
    "POST console_webhooks.resume": Row(MODELER, 303, at=HOOK),
    "POST console_webhooks.remove": Row(MODELER, 303, at=HOOK),
    "POST console_webhooks.send_again": Row(MODELER, 303, at={**HOOK, "delivery_id": "delivery"}),
    "GET console_challenges.challenges": Row(ANY_MODELER),
    "GET console_challenges.new": Row(ADMIN),
    "POST console_challenges.create": Row(ADMIN, 303, form={"title": "Find wine", "starter": "lookalikes"}),
    "POST console_challenges.copy": Row(ADMIN, 303, form={"of": "spam"}),
    "POST console_challenges.from_file": Row(ADMIN, 303, form={"text": "title: Find wine"}),
    "GET console_writing.start": Row(MODELER, 302),
    "GET console_writing.step": Row(MODELER, at=STEP),
    "POST console_writing.save": Row(MODELER, 303, at=STEP, form={"title": "Find wine"}),
    "POST console_writing.move": Row(MODELER, 303, form={"state": "paused"}),
    "GET console_writing.export": Row(MODELER),
    "POST console_platforms.revoke": Row(MODELER, 303, at={"code": "invite"}),
    "GET console_takedowns.takedowns": Row(MODELER),
    "POST console_takedowns.take": Row(MODELER, 303, form={"what": "item-open", "reason": "private"}),
    "GET console_money.money": Row(MODELER),
    "POST console_money.fund": Row(MODELER, 303, form={"points": "100", "way": "in"}),
    "POST console_money.stops": Row(MODELER, 303, form={"finds": "9"}),
    "POST console_money.held": Row(MODELER, 303, at={"public_id": "find"}, form={"way": "pay"}),
    "GET console_money.search": Row(MODELER),
    "POST console_money.begin": Row(
        MODELER,
        303,
        form={"keep_pace": "70", "keep_quality": "80", "least_hours": "24", "least_pages": "30"},
    ),
    "POST console_money.stop": Row(MODELER, 409),
    "GET console_payouts.payouts": Row(ADMIN),
    "POST console_payouts.freeze": Row(ADMIN, 303, form={"platform": "local", "least": "0.01"}),
    "GET console_payouts.batch": Row(ADMIN, at={"public_id": "batch"}),
    "POST console_payouts.move": Row(ADMIN, 303, at={"public_id": "batch", "step": "cancel"}),
    "POST console_payouts.reconcile": Row(
        ADMIN, 303, at={"public_id": "paid"}, form={"data": b"reference\n"}
    ),
    "GET console_payouts.bank_file": Row(ADMIN, at={"public_id": "paid"}),
    "GET console_payouts.acts": Row(ADMIN),
}
