"""Give a judge the next page to look at, under a lease."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

from btm.rules import gold as law
from btm.rules.errors import Forbidden
from btm.rules.settings import ChallengeRules
from btm.services import jury
from btm.services.finding import get_challenge, is_known
from btm.services.gold_promises import can_promise, promise
from btm.services.presenting import challenge_view, host_of
from btm.services.slowing import slow_down, with_pause
from btm.services.views_review import BlockView, ItemView, JudgingView, QualificationItem
from btm.store import challenges, gold, gold_turn, money, queue, seats
from btm.store.tables_challenges import DbChallenge
from btm.store.tables_review import DbReviewItem
from btm.store.transaction import Session, insert_once, transaction


def lease_review(
    slug: str, *, judge_id: int, now: datetime, new_token: str, dice: float, beside: str | None = None
) -> JudgingView:
    """The judge's page: the item that they hold already, or the next one. `beside` is an item that they still hold while
    its answer may be undone; another one is given then. dice, in [0, 1), breaks ties; new_token, which must be random, also
    decides where gold comes in. The item may be of any challenge of the same topic, and nothing on the page says of which: that
    would say what was claimed.

    Raises NotFound, and Forbidden (`not_qualified` before the test was passed, `blocked`).
    """
    with transaction(lasting=False) as session:
        challenge, together = _challenges(session, slug)
        if not seats.take_seat(session, challenge.topic, judge_id):
            raise Forbidden(
                "Take the short test first, so that you know what counts here.", code="not_qualified"
            )
        panel, judge = seats.jury_and_judge(session, challenge.topic, judge_id)
        panel = panel or jury.jury_of(session, challenge)
        if judge is not None and judge.state == "blocked":
            raise Forbidden("Your answers do not count here any more. Your record says why.", code="blocked")
        rules, price = challenge.law, jury.price_for(panel, judge, challenge).points
        item = queue.held_by(session, challenge.topic, judge_id, now, beside)
        if item is None:
            lease = queue.Lease(judge_id, new_token, now, now + timedelta(seconds=rules.lease_seconds), price)
            item = _next(session, challenge, rules, lease, dice, beside)
        met = slow_down(panel, judge, challenge, rules, item) if item else None
        item = with_pause(session, item, met, now) if item else None
        midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
        judged, earned = money.judged_since(session, judge_id, [row.id for row in together], midnight)
        return JudgingView(
            challenge=challenge_view(
                challenges.speaker(together), challenges.ChallengeFigures(), now
            ),  # sums that no judge is shown
            item=_item_view(item) if item else None,
            is_covered=any(row.is_harmful for row in together),
            price=item.price if item else price,
            judged_today=judged,
            earned_today=earned,
            pause_seconds=_still_to_wait(item, now),
            check=_question(challenge, item) if met is not None and met.kind == "question" and item else None,
        )


def _challenges(session: Session, slug: str) -> tuple[DbChallenge, list[DbChallenge]]:
    """The challenge with this slug, and all that are judged together with it."""
    together = seats.judged_with(session, slug)
    for challenge in together:
        if challenge.slug == slug and is_known(challenge):
            return challenge, together
    return get_challenge(session, slug), together


def _next(
    session: Session,
    challenge: DbChallenge,
    rules: ChallengeRules,
    lease: queue.Lease,
    dice: float,
    beside: str | None,
) -> queue.Leased | None:
    """The next item of the queue, or in its place a gold one. Gold never comes where nothing else waits: it would be work made up.

    The token reaches the judge, so chance is drawn from it together with the challenge's salt, which nobody is told.
    """
    luck, topic = random.Random(f"{challenge.salt}:{lease.token}"), challenge.topic
    toss = luck.random()
    if law.serves_gold(toss, rules.gold_rate_start):
        met = gold_turn.met_by(session, topic, lease.judge_id, lease.now, beside)
        if _is_turn(session, topic, rules, lease.judge_id, met, toss):
            waits = queue.is_waiting(session, topic, lease, dice=dice, but=beside)
            item = _gold(session, topic, lease, luck, met) if waits else None
            if item is not None:
                return item
    return queue.take_lease(session, topic, lease, dice=dice, but=beside)


def _is_turn(
    session: Session, topic: str, rules: ChallengeRules, judge_id: int, met: gold_turn.Met, toss: float
) -> bool:
    """Whether it is gold's turn for this judge. Haste can only make it come more often, so it is looked at last."""
    if law.serves_gold(toss, law.gold_rate(met.right, met.answered, rules)):
        return True
    hasty = gold.hasty_share(session, topic, judge_id) if met.answered else 0.0
    return law.serves_gold(toss, law.gold_rate(met.right, met.answered, rules, hasty_share=hasty))


def _gold(
    session: Session, topic: str, lease: queue.Lease, luck: random.Random, met: gold_turn.Met
) -> queue.Leased | None:
    """A gold page as an item of this judge's own, already under lease: one that they let run out, or one that they never met.

    None where none is left for them, or where the budget does not hold its price.
    """
    if met.unanswered is not None:
        return _give_again(session, met.unanswered, lease)
    picked = _pick(session, topic, lease.judge_id, luck, met)
    if picked is None or not can_promise(session, picked.challenge_id, lease.price):
        return None
    return _make_item(session, topic, picked, lease, luck)


def _pick(
    session: Session, topic: str, judge_id: int, luck: random.Random, met: gold_turn.Met
) -> gold_turn.Candidate | None:
    """Any gold page whose text this judge never met, of the label that they were asked least."""
    left = gold_turn.never_asked(session, topic, judge_id)
    while (
        label := law.choose_label({k: len(v) for k, v in left.items()}, met.asked, luck.random())
    ) is not None:
        some = left.pop(label)
        luck.shuffle(some)
        picked = gold_turn.first_new(session, topic, judge_id, some)
        if picked is not None:
            return picked
    return None


def _make_item(
    session: Session, topic: str, picked: gold_turn.Candidate, lease: queue.Lease, luck: random.Random
) -> queue.Leased | None:
    """The item of a gold page for one judge. All that they can see of it is as it is for any other."""
    values = {
        "public_id": luck.randbytes(8).hex(), "challenge_id": picked.challenge_id, "page_id": picked.page_id,
        "topic": topic, "origin": "gold", "gold_id": picked.id, "for_judge_id": lease.judge_id, "state": "open",
        "priority": 0.0, "shuffle": luck.random(), "opened_at": lease.now, "deadline_at": lease.until + timedelta(days=3650),
        "lease_judge_id": lease.judge_id, "lease_token": lease.token, "lease_until": lease.until,
        "lease_price": lease.price,
    }  # fmt: skip
    made = insert_once(session, DbReviewItem, values)
    if made is None:
        return None
    promise(session, made, picked.challenge_id, lease.price, lease.now)
    return queue.get_leased(session, made)


def _give_again(session: Session, item_id: int, lease: queue.Lease) -> queue.Leased | None:
    """A new lease on a gold item that ran out, at the price of now."""
    before = queue.get_leased(session, item_id)
    more = lease.price - before.price
    if not can_promise(session, before.challenge_id, more) or not gold_turn.lease_again(
        session, item_id, lease
    ):
        return None
    promise(session, item_id, before.challenge_id, more, lease.now)
    return queue.get_leased(session, item_id)


def _still_to_wait(item: queue.Leased | None, now: datetime) -> float:
    ready = item.ready_at if item is not None else None
    return max(0.0, (ready - now).total_seconds()) if ready is not None else 0.0


def _question(challenge: DbChallenge, item: queue.Leased) -> QualificationItem | None:
    """One question of the test, the same for an item however often it is shown."""
    asked = challenge.qualification
    if not asked:
        return None
    number = random.Random(item.public_id).randrange(len(asked))
    return QualificationItem(number, asked[number]["title"], asked[number]["text"])


def _item_view(item: queue.Leased) -> ItemView:
    if item.until is None:
        raise LookupError(f"review item {item.id} was leased without an end")
    return ItemView(
        public_id=item.public_id,
        token=item.token,
        title=item.title,
        host=host_of(item.final_url),
        language=item.language,
        blocks=tuple(BlockView(kind, text) for kind, text in item.blocks),
        lease_expires_at=item.until,
    )
