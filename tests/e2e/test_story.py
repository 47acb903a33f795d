"""The game, end to end: what people saw and were paid, against the published rules worked out anew."""

from __future__ import annotations

from collections import Counter

import pytest

from . import law
from .people import Watch
from .plan import CHALLENGES, target_of
from .story import PLAYERS, VERIFIERS, brief

pytestmark = [pytest.mark.browser, pytest.mark.data, pytest.mark.timeout(900)]


def test_real_pages_and_posts_go_both_ways_against_both_machines(played):
    hunts = list({(one.hunt.challenge, one.hunt.path): one.hunt for one in played.submitted}.values())
    assert sum(hunt.is_real for hunt in hunts) == 30
    assert sum(not hunt.is_real for hunt in hunts) >= 12
    for challenge in CHALLENGES:
        theirs = [hunt for hunt in hunts if hunt.challenge == challenge]
        assert any(hunt.is_quoted and hunt.is_find for hunt in theirs)
        assert any(not hunt.is_quoted for hunt in theirs)
    assert any(hunt.is_real and hunt.is_find and hunt.is_quoted for hunt in hunts)


def test_a_visitor_probes_first_and_keeps_the_offer_on_registering(played):
    first = played.submitted[0]
    assert played.visitor.state == "quoted"
    assert (first.card.id, first.card.points) == (played.visitor.id, played.visitor.points)
    assert first.end.state == "confirmed"


def test_an_offer_is_severity_times_novelty_and_the_belief_is_the_machines(played):
    for one in played.submitted:
        hunt, card = one.hunt, one.card
        if not hunt.is_quoted:
            assert card.state == "refused", hunt.title
            assert "already knows" in card.words
            continue
        most = law.MAX_BONUS * law.severity(hunt.probabilities, hunt.target) ** law.SHARPNESS
        assert law.NOVELTY_FLOOR <= card.novelty <= 1
        assert abs(card.points - most * card.novelty) <= 0.5 + most * 0.005, hunt.title
        assert card.sure_of_100 == min(99, max(1, round(100 * max(hunt.probabilities.values())))), hunt.title


def test_two_offers_for_one_page_and_the_first_to_take_it_has_it(played):
    late = next(one for one in played.submitted if one.fate == "late")
    assert "a moment before you" in played.too_late
    assert played.people[late.player].look_at(late.card.id).state == "refused"


def test_what_is_taken_is_set_aside(played):
    for challenge in CHALLENGES:
        row = played.promised[brief(challenge)["title"]]
        taken = played.committed(challenge=challenge)
        assert row["reserved"] == sum(law.reserve(one.card.points) for one in taken)
        assert (row["in review"], row["points paid"], row["budget"]) == (len(taken), 0, law.FUNDED)
    for player in PLAYERS:
        assert played.waiting[player] == sum(one.card.points for one in played.committed(player))


def test_the_verdict_is_the_real_label_and_says_why(played):
    for one in played.committed():
        hunt, words = one.hunt, one.end.words
        says = next(label for label in brief(hunt.challenge)["labels"] if label["key"] == hunt.truth)[
            "statement"
        ]
        assert one.end.state == ("confirmed" if hunt.truth == hunt.target else "rejected"), hunt.title
        assert f"people say that {says}" in words, hunt.title
        assert ("and so does the machine" in words) == (one.end.state == "rejected")
    assert sum(one.end.state == "rejected" and one.hunt.is_real for one in played.committed("Ines")) > 1


def test_every_player_is_paid_what_the_rules_say(played):
    for player in PLAYERS:
        sums, lines = played.people[player].statement()
        judged = len(played.judged.get(player, []))
        expected = Counter(
            ("Find" if one.hunt.is_find else "Effort", law.pay(one.hunt.probabilities, one.hunt.target, one.hunt.truth, one.card.points))
            for one in played.committed(player)
        )  # fmt: skip
        expected["Judging", law.JUDGING_PRICE] = judged
        assert Counter((kind, points) for kind, points, _ in lines) == +expected
        total = played.paid(player) + judged * law.JUDGING_PRICE
        assert sums == {
            "waiting": sum(one.card.points for one in played.open(player)),
            "approved": total,
            "paid": 0,
        }
        assert played.people[player].balance() == total
        for one in played.committed(player):
            assert any(one.hunt.title[:60] in " ".join(reason.split()) for _, _, reason in lines)


def test_every_verifier_is_paid_for_each_answer(played):
    for verifier in VERIFIERS:
        sums, lines = played.people[verifier].statement()
        count = len(played.judged[verifier])
        assert count > 0
        assert [(kind, points) for kind, points, _ in lines] == [("Judging", law.JUDGING_PRICE)] * count
        assert sums["approved"] == count * law.JUDGING_PRICE


def test_two_agreeing_judges_decide_and_a_slip_takes_one_or_two_more(played):
    """One more where those who agree have proved good by then; two where they are as new as the one who slipped."""
    answers = Counter((challenge, title) for given in played.judged.values() for challenge, title, _ in given)
    assert set(answers) == {(one.hunt.challenge, one.hunt.title) for one in played.committed()}
    for one in played.committed():
        passed = one.hunt.title == played.passed_on
        plain = tuple(count + passed for count in law.JUDGEMENTS)
        wanted = law.SLIP_JUDGEMENTS if one.hunt.title == played.slip else plain
        assert answers[one.hunt.challenge, one.hunt.title] in wanted, one.hunt.title
    assert played.slip
    assert played.passed_on


def test_nobody_judges_twice_or_their_own_or_without_the_test(played):
    assert played.judged[PLAYERS[2]], "a player judged too"
    for judge, given in played.judged.items():
        assert len({(challenge, title) for challenge, title, _ in given}) == len(given)
        assert not [title for _, title, _ in given if played.one(title).player == judge]
        assert all(played.tests[judge, challenge.removesuffix("-lookalikes")] for challenge, _, _ in given)
    failed = [key for key, passed in played.tests.items() if not passed]
    assert failed == [(PLAYERS[2], "alcohol")]
    page = played.people[PLAYERS[2]].go("/c/alcohol-lookalikes/judge")
    assert page.url.endswith("/c/alcohol-lookalikes/qualify")
    assert not page.locator("main form").count(), "the test cannot be taken again at once"


def test_a_page_found_before_is_refused_with_a_link_to_it(played):
    again = played.again["found"]
    assert again.state == "refused"
    assert "before you" in again.words
    found = next(one for one in played.finds("drugs-lookalikes") if one.card.id in again.repeats)
    assert again.repeats == f"/s/{found.card.id}"
    judged = played.again["judged"]
    assert judged.state == "refused"
    assert "judged" in judged.words
    assert judged.repeats is None, "what was judged and is no find is not public"


def test_a_confirmed_find_lowers_the_novelty_of_its_like(played):
    like, first = played.again["like"], played.like
    assert like.state == "quoted"
    assert like.novelty < 0.5 < first.card.novelty
    assert like.points < first.card.points / 2
    assert "find is" in like.words or "finds are" in like.words


def test_each_page_was_fetched_once(played):
    assert len(played.fetched) == len(played.submitted) + len(played.again)
    assert Counter(played.fetched).most_common(1)[0][1] <= 2, "twice only where two people brought it"


def test_the_console_adds_up(played):
    rows = played.people[played.product.admin[0]].console()
    for challenge in CHALLENGES:
        row, taken = rows[brief(challenge)["title"]], played.committed(challenge=challenge)
        judged = sum(slug == challenge for given in played.judged.values() for slug, _, _ in given)
        assert (
            row["points paid"]
            == sum(played.paid(player, challenge) for player in PLAYERS) + judged * law.JUDGING_PRICE
        )
        waiting = played.open(challenge=challenge)
        assert row["reserved"] == sum(law.reserve(one.card.points) for one in waiting)
        assert (row["budget"], row["in review"], row["undecided"]) == (law.FUNDED, len(waiting), 0)
        assert row["confirmed"] == sum(one.hunt.truth == target_of(challenge) for one in taken)
        assert row["rejected"] == len(taken) - row["confirmed"]
        states = (
            "refused",
            "under way",
            "quoted",
            "withdrawn",
            "in review",
            "confirmed",
            "rejected",
            "undecided",
        )
        assert row["probes"] == sum(row[state] for state in states)
        assert row["points left"] == row["budget"] - row["points paid"] - row["reserved"]
    assert sum(row["probes"] for row in rows.values()) == len(played.submitted) + len(played.again)


def test_no_browser_complained(played):
    assert isinstance(played.watch, Watch)
    assert played.watch.complaints == []
