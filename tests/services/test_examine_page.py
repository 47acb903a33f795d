from __future__ import annotations

import json
import subprocess
import sys
from datetime import timedelta

import pytest

from btm.pages.reasons import REASONS
from btm.services import machines
from btm.services.examine_page import MOST_TRIES, examine_page
from btm.services.find_stuck import find_stuck
from btm.store.play import take_for_examination
from btm.store.transaction import transaction
from classifiers.machine import MachineMisbehaved, MachineUnavailable

from ..support import texts
from ..support.databases import rows, value
from ..support.game import Game

NEW = pytest.approx(1, abs=0.1)
"""The novelty of what is unlike any find."""


def refusal(game: Game, public_id: str, viewer: int | None = None) -> str:
    view = game.view(public_id, viewer)
    assert view.state == "refused", view.state
    assert view.refusal is not None
    assert view.refusal.headline
    assert view.refusal.sentence.endswith(".")
    return view.refusal.code


def test_a_surprising_page_is_quoted_with_every_part_of_the_sum(game: Game) -> None:
    game.challenge()
    view = game.view(game.submitted(url=game.page(beliefs=(0.04, 0.96))))
    assert (view.state, view.step) == ("quoted", "")
    quote = view.quote
    assert quote is not None
    assert quote.points == round(1000 * 0.96**2 * quote.novelty)
    assert (quote.severity, quote.novelty, quote.similar_found) == (pytest.approx(0.96), NEW, 0)
    assert (quote.belief.label.key, quote.belief.out_of_100, quote.belief.sure) == (
        "ham",
        96,
        "very confident",
    )
    assert quote.claimed.key == "spam"
    assert view.expires_at == game.clock() + timedelta(hours=24)


def test_the_page_is_kept_with_its_raw_bytes(game: Game) -> None:
    game.challenge()
    game.submitted(url=game.page("https://a.example/x", text=texts.text("kept"), title="Kept"))
    [[title, text, snapshot, final]] = rows("SELECT title, text, snapshot, final_url FROM page")
    assert (title, text, final) == ("Kept", texts.text("kept"), "https://a.example/x")
    assert game.snapshots.get(str(snapshot)) == texts.text("kept").encode()


def test_the_machine_s_labels_may_stand_in_another_order(game: Game) -> None:
    from ..support.fakes import FakeMachine

    other = FakeMachine(("ham", "spam"), version="2")
    game.challenge(machine=other)
    url = game.page()
    other.believe(url, (0.9, 0.1))
    view = game.view(game.submitted(url=url))
    assert view.quote is not None
    assert (view.quote.belief.label.key, view.quote.severity) == ("ham", pytest.approx(0.9))


@pytest.mark.parametrize("reason", sorted(REASONS))
def test_a_page_that_cannot_be_read_is_refused_with_its_reason(game: Game, reason: str) -> None:
    game.challenge()
    game.reader.pages["https://a.example/x"] = reason
    public_id = game.submitted(url="https://a.example/x")
    assert refusal(game, public_id) == REASONS[reason].code
    assert value("SELECT count(*) FROM page") == 0


def test_a_page_that_the_machine_is_right_about_is_refused(game: Game) -> None:
    game.challenge()
    assert refusal(game, game.submitted(url=game.page(beliefs=(0.9, 0.1)))) == "already_known"


def test_a_page_that_the_machine_is_right_about_but_unsure_of_pays_a_little(game: Game) -> None:
    game.challenge()
    view = game.view(game.submitted(url=game.page(beliefs=(0.6, 0.4))))
    assert view.quote is not None
    assert view.quote.points == pytest.approx(160, abs=3)


def test_a_challenge_without_budget_refuses_before_anybody_hopes(game: Game) -> None:
    game.challenge(budget=800 + 7 * 50)
    assert game.row(game.submitted(url=game.page(beliefs=(0.04, 0.96)))).refusal == "budget_spent"
    game.challenge("rich", budget=1000 + 7 * 50)
    game.quoted(slug="rich", url=game.page(beliefs=(0.04, 0.96)))


def test_every_refusal_has_words_for_a_person(game: Game) -> None:
    from btm.services.refusals import GAME, explain

    for reason in [*GAME, *REASONS]:
        view = explain(reason)
        assert view.headline
        assert view.sentence.endswith(".")
        assert view.next_step.endswith(".")


# The same page again


def test_the_same_address_again_is_refused_naming_the_public_find(game: Game) -> None:
    game.challenge()
    url = game.page()
    first = game.settled(url=url)
    again = game.submitted(url=url)
    view = game.view(again)
    assert refusal(game, again) == "already_found"
    assert view.refusal is not None
    assert (view.refusal.repeats, view.refusal.repeats_url) == (first, url)


def test_another_address_that_leads_to_the_same_place_is_refused(game: Game) -> None:
    game.challenge()
    first = game.settled(url=game.page("https://a.example/x"))
    game.page(
        "https://short.example/1", final_url="https://a.example/x", text=texts.text("something else now")
    )
    again = game.submitted(url="https://short.example/1")
    assert (refusal(game, again), game.row(again).repeats_id) == ("already_found", game.row(first).id)


def test_the_address_that_a_find_was_redirected_from_is_refused_too(game: Game) -> None:
    game.challenge()
    game.settled(url=game.page("https://short.example/1", final_url="https://a.example/x"))
    game.page("https://a.example/x", text=texts.text("rewritten"))
    assert refusal(game, game.submitted(url="https://a.example/x")) == "already_found"


def test_the_same_content_elsewhere_is_refused(game: Game) -> None:
    game.challenge()
    first = game.settled(url=game.page(text=texts.text("copied")))
    again = game.submitted(url=game.page(text="  " + texts.text("copied").upper()))
    assert (refusal(game, again), game.row(again).repeats_id) == ("already_found", game.row(first).id)


def test_nearly_the_same_text_elsewhere_is_refused(game: Game) -> None:
    game.challenge()
    first = game.settled(url=game.page(text=texts.text("template", 200)))
    again = game.submitted(url=game.page(text=texts.nearly_the_same("template", 4, 200)))
    assert (refusal(game, again), game.row(again).repeats_id) == ("already_found", game.row(first).id)


def test_the_same_words_in_another_order_are_another_page(game: Game) -> None:
    game.challenge()
    game.settled(url=game.page(text=texts.text("topic")))
    assert game.row(game.submitted(url=game.page(text=texts.same_topic("topic", 1)))).state == "quoted"


def test_a_page_in_review_is_refused_without_showing_whose_it_is(game: Game) -> None:
    game.challenge()
    url = game.page()
    game.committed(url=url)
    again = game.submitted(url=url)
    view = game.view(again)
    assert refusal(game, again) == "already_handed_in"
    assert view.refusal is not None
    assert view.refusal.repeats is None


def test_a_page_that_was_judged_to_be_no_error_is_refused_as_judged(game: Game) -> None:
    game.challenge()
    url = game.page()
    game.settled("ham", url=url)
    again = game.submitted(url=url)
    assert refusal(game, again) == "already_judged"
    view = game.view(again)
    assert view.refusal is not None
    assert view.refusal.repeats is None


def test_a_quote_that_nobody_took_keeps_nobody_else_out(game: Game) -> None:
    game.challenge()
    url = game.page()
    game.quoted(url=url)
    game.quoted(url=url)


def test_a_page_found_in_one_challenge_is_news_in_another(game: Game) -> None:
    game.challenge("one")
    game.challenge("two")
    url = game.page()
    game.settled(slug="one", url=url)
    game.quoted(slug="two", url=url)


# Novelty


def novelty(game: Game, public_id: str) -> float:
    quote = game.view(public_id).quote
    assert quote is not None
    return quote.novelty


def test_novelty_falls_as_soon_as_the_first_similar_find_is_confirmed(game: Game) -> None:
    game.challenge()
    before = novelty(game, game.quoted(url=game.page(text=texts.same_topic("topic", 1))))
    waiting = game.committed(url=game.page(text=texts.same_topic("topic", 2)))
    unconfirmed = novelty(game, game.quoted(url=game.page(text=texts.same_topic("topic", 3))))
    game.judged(waiting, "spam", "spam")
    after = game.quoted(url=game.page(text=texts.same_topic("topic", 4)))
    elsewhere = novelty(game, game.quoted(url=game.page(text=texts.text("another topic"))))
    assert before == NEW
    assert unconfirmed == NEW
    assert elsewhere == NEW
    assert novelty(game, after) < 0.5


def test_a_similar_find_is_named_before_the_player_commits(game: Game) -> None:
    game.challenge()
    first = game.settled(url=game.page(text=texts.same_topic("topic", 1), title="The first of its kind"))
    quote = game.view(game.quoted(url=game.page(text=texts.same_topic("topic", 2)))).quote
    assert quote is not None
    [near] = quote.neighbours
    assert (near.title, near.public_id, quote.similar_found) == ("The first of its kind", first, 1)
    assert near.similarity > 0.5


def test_a_similar_probe_that_was_no_error_does_not_lower_novelty(game: Game) -> None:
    game.challenge()
    game.settled("ham", url=game.page(text=texts.same_topic("topic", 1)))
    assert novelty(game, game.quoted(url=game.page(text=texts.same_topic("topic", 2)))) == NEW


def test_one_s_own_similar_page_in_review_counts_already(game: Game) -> None:
    game.challenge()
    player = game.player()
    game.committed(player, game.page(text=texts.same_topic("topic", 1)))
    assert novelty(game, game.quoted(player, game.page(text=texts.same_topic("topic", 2)))) < 0.5


def test_a_find_in_one_challenge_does_not_lower_novelty_in_another(game: Game) -> None:
    game.challenge("one")
    game.challenge("two")
    game.settled(slug="one", url=game.page(text=texts.same_topic("topic", 1)))
    quoted = game.quoted(slug="two", url=game.page(text=texts.same_topic("topic", 2)))
    assert novelty(game, quoted) == NEW


OTHER_PROCESS = """
import json, sys
from btm.config import read_settings
from btm.factory import create_app
from btm.services.memory import foresee
from btm.store.tables import DbPage
from btm.store.transaction import reading
app = create_app(read_settings())
for line in sys.stdin:
    challenge_id, text = json.loads(line)
    page = DbPage(final_url="", title="A page", description="", headings=[], links=[], language="en", text=text)
    with app.app_context(), reading() as session:
        print(foresee(session, challenge_id, 0, page).q, flush=True)
"""


def test_novelty_falls_at_once_in_another_process_that_was_running_before(game: Game) -> None:
    challenge_id = game.challenge()
    waiting = game.committed(url=game.page(text=texts.same_topic("topic", 1)))
    with subprocess.Popen(
        [sys.executable, "-c", OTHER_PROCESS], env=game.database.environ, text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    ) as other:  # fmt: skip
        assert other.stdin is not None
        assert other.stdout is not None

        def foreseeable() -> float:
            other.stdin.write(json.dumps([challenge_id, texts.same_topic("topic", 2)]) + "\n")
            other.stdin.flush()
            return float(other.stdout.readline())

        before = foreseeable()
        game.judged(waiting, "spam", "spam")
        after = foreseeable()
        other.stdin.close()
    assert before < 0.05
    assert after > 0.6


# What goes wrong on the way


@pytest.mark.parametrize(
    "trouble", [MachineUnavailable("down"), MachineMisbehaved("NaN"), ZeroDivisionError("bug")]
)
def test_a_machine_that_is_down_makes_the_submission_wait(game: Game, trouble: Exception) -> None:
    game.challenge()
    game.machine.trouble = trouble
    public_id = game.submitted()
    assert game.view(public_id).state == "queued"
    game.machine.trouble = None
    find_stuck(now=game.clock.advance(seconds=10))
    assert game.view(public_id).state == "queued", "it waits a little before it asks again"
    find_stuck(now=game.clock.advance(seconds=30))
    assert game.view(public_id).state == "quoted"


def test_a_machine_that_is_down_for_an_hour_loses_no_submission(game: Game) -> None:
    game.challenge()
    game.machine.trouble = MachineUnavailable("down")
    public_id = game.submitted()
    for _ in range(120):
        find_stuck(now=game.clock.advance(seconds=30))
    assert len(game.reader.asked) < 20, "nor does it fetch the page again and again"
    game.machine.trouble = None
    find_stuck(now=game.clock.advance(minutes=11))
    assert game.view(public_id).state == "quoted"


def test_a_version_of_the_machine_that_is_not_here_makes_the_submission_wait(game: Game) -> None:
    game.challenge()
    machines._loaded.clear()
    assert game.view(game.submitted()).state == "queued"


def test_a_bell_that_rings_twice_examines_once(game: Game) -> None:
    game.challenge()
    public_id = game.submitted()
    examine_page(game.row(public_id).id, game.tools)
    assert len(game.reader.asked) == 1
    assert value("SELECT count(*) FROM quote") == 1


def test_a_page_under_examination_is_not_taken_by_a_second_worker(game: Game) -> None:
    game.challenge()
    game.bell.hold()
    public_id = game.submitted()
    row_id = game.row(public_id).id
    game.reader.meanwhile = lambda url: examine_page(row_id, game.tools)
    examine_page(row_id, game.tools)
    assert (len(game.reader.asked), game.row(public_id).state) == (1, "quoted")


def test_a_late_worker_writes_nothing(game: Game) -> None:
    """The first worker hangs for a minute; a second one takes over and refuses; then the first comes back with a page."""
    game.challenge()
    game.bell.hold()
    public_id = game.submitted()
    row_id, url = game.row(public_id).id, game.row(public_id).url

    def hang(_url: str) -> None:
        game.reader.meanwhile = None
        game.clock.advance(minutes=1)
        page, game.reader.pages[url] = game.reader.pages[url], "not_found"
        examine_page(row_id, game.tools)
        game.reader.pages[url] = page

    game.reader.meanwhile = hang
    examine_page(row_id, game.tools)
    row = game.row(public_id)
    assert (row.state, row.refusal, row.fence) == ("refused", "not_found", 2)
    assert value("SELECT count(*) FROM quote") == 0
    assert value("SELECT count(*) FROM page") == 0


@pytest.mark.parametrize("late", ["a page", "not_found", "a machine that is down"])
def test_a_late_worker_leaves_alone_what_another_is_at(game: Game, late: str) -> None:
    game.challenge()
    game.bell.hold()
    public_id = game.submitted()
    row_id = game.row(public_id).id

    def hang(url: str) -> None:
        with transaction() as session:
            now = game.clock.advance(minutes=1)
            assert take_for_examination(session, row_id, now, now + timedelta(seconds=30)) == 2
        if late == "not_found":
            game.reader.pages[url] = late
        elif late == "a machine that is down":
            game.machine.trouble = MachineUnavailable("down")

    game.reader.meanwhile = hang
    examine_page(row_id, game.tools)
    row = game.row(public_id)
    assert (row.state, row.fence, row.page_id) == ("fetching", 2, None)
    assert value("SELECT count(*) FROM quote") == 0


def test_a_late_worker_s_failure_does_not_undo_a_quote(game: Game) -> None:
    game.challenge()
    game.bell.hold()
    public_id = game.submitted()
    row_id, url = game.row(public_id).id, game.row(public_id).url

    def hang(_url: str) -> None:
        game.reader.meanwhile = None
        game.clock.advance(minutes=1)
        examine_page(row_id, game.tools)
        game.reader.pages[url] = "timeout"

    game.reader.meanwhile = hang
    examine_page(row_id, game.tools)
    assert game.row(public_id).state == "quoted"


def test_a_submission_withdrawn_during_the_fetch_stays_withdrawn(game: Game) -> None:
    from btm.services.withdraw_submission import withdraw_submission

    game.challenge()
    game.bell.hold()
    player = game.player()
    public_id = game.submitted(player)
    game.reader.meanwhile = lambda url: withdraw_submission(public_id, player_id=player, now=game.clock())
    game.bell.let_go()
    assert game.row(public_id).state == "withdrawn"


def test_a_player_who_watches_sees_each_step(game: Game) -> None:
    game.challenge()
    game.bell.hold()
    public_id = game.submitted()
    seen: list[tuple[str, str]] = []

    def look(_: object) -> None:
        view = game.view(public_id)
        seen.append((view.state, view.step))

    look(None)
    game.reader.meanwhile = look
    plain = game.machine.predict_proba

    def ask(pages: object) -> object:
        look(None)
        return plain(pages)  # type: ignore[arg-type]

    game.machine.predict_proba = ask  # type: ignore[assignment,method-assign]
    game.bell.let_go()
    assert seen == [("queued", ""), ("fetching", "fetching"), ("fetching", "asking")]


def test_a_page_that_kills_its_worker_every_time_is_given_up(game: Game) -> None:
    game.challenge()
    public_id = game.submitted(
        url="https://a.example/"
    )  # refused; it is put back to how a killed worker leaves it
    row_id = game.row(public_id).id

    with transaction() as session:
        from btm.store.tables import DbSubmission

        session.get_one(DbSubmission, row_id).state = "queued"
        session.get_one(DbSubmission, row_id).fence = 0
    for _ in range(MOST_TRIES):
        with transaction() as session:
            assert take_for_examination(session, row_id, game.clock(), game.clock() + timedelta(seconds=30))
        game.clock.advance(minutes=1)
    find_stuck(now=game.clock.advance(minutes=1))
    assert refusal(game, public_id) == "gave_up"


def test_a_reader_that_fails_in_an_unforeseen_way_is_tried_again_later(game: Game) -> None:
    game.challenge()
    game.bell.hold()
    public_id = game.submitted()

    def fall_over(_url: str) -> None:
        game.reader.meanwhile = None
        raise OSError("disk full")

    game.reader.meanwhile = fall_over
    with pytest.raises(OSError, match="disk full"):
        examine_page(game.row(public_id).id, game.tools)
    game.bell.is_held = False
    find_stuck(now=game.clock.advance(minutes=1))
    assert game.row(public_id).state == "quoted"
