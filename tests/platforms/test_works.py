"""Work from the console to the last payment, on every platform alike: published, taken, done, handed in, approved."""

from __future__ import annotations

import pytest

from btm.platforms.directory import market_named
from btm.platforms.market import Arrival
from btm.platforms.platform import PlatformRefused
from btm.rules.errors import Conflict, Forbidden, Invalid, NotFound, SignInNeeded
from btm.rules.stops import Stops
from btm.rules.works import WorkTerms
from btm.services.arrive import show_arrival, start_assignment
from btm.services.close_work import close_work
from btm.services.finish_assignment import finish_assignment
from btm.services.freeze_payouts import show_payable
from btm.services.link_worker import link_worker
from btm.services.publish_work import publish_work
from btm.services.set_stops import set_stops
from btm.services.show_works import show_work, show_works
from btm.services.tend_work import WorkTools, tend_work
from btm.services.work_sessions import find_assignment
from btm.store import payees
from btm.store.tables_platforms import DbAssignment
from btm.store.transaction import reading, transaction

from ..support.databases import rows, value
from ..support.game import Game
from ..support.paying import earn
from .stages import Stage

HERE = "https://btm.example"


def terms(**more: object) -> WorkTerms:
    values = {
        "kind": "play", "title": "Find pages", "description": "Find pages that a machine gets wrong.", "pieces": 1,
        "places": 2, "reward": 200, "minutes": 15, "days": 3,
    }  # fmt: skip
    return WorkTerms(**(values | more))  # type: ignore[arg-type]


def publish(game: Game, at: Stage, **more: object) -> str:
    game.bell.work["work"] = lambda row_id: None
    made = publish_work(
        "spam", terms(**more), market=at.market, public_url=HERE, asker_id=None, now=game.clock(),
        new_id=lambda: game.new("work") + "000000",
    )  # fmt: skip
    return made.public_id


def tend(game: Game, at: Stage) -> None:
    """Whatever is due is looked after."""
    tools = WorkTools(lambda name: at.market, game.clock, lambda: game.new("w"))
    for (work_id,) in rows("SELECT id FROM work"):
        tend_work(work_id, tools)


def later(game: Game, at: Stage) -> None:
    game.clock.advance(minutes=11)
    tend(game, at)


def open_work(game: Game, at: Stage, **more: object) -> tuple[str, str]:
    """Published work: our id and its first unit's. What hears the bell is left to `tend`."""
    public_id = publish(game, at, **more)
    tend(game, at)
    return public_id, str(value("SELECT external_id FROM work_unit ORDER BY id"))


def begin(game: Game, at: Stage, public_id: str, arrival: Arrival | None, **more: object) -> tuple[int, str]:
    """A worker takes the work; returns their account and their browser's token."""
    assert arrival is not None
    assert not arrival.is_preview
    token = game.new("token")
    values = {"is_known": at.market.check_arrival(arrival)} | more
    account = start_assignment(
        public_id,
        arrival,
        new_token=token,
        new_id=game.new("n"),
        device="A browser",
        now=game.clock(),
        **values,
    )  # type: ignore[arg-type]
    return account, token


def test_the_whole_way(game: Game, at: Stage) -> None:
    hunt = game.challenge()
    public_id, unit = open_work(game, at)
    assert show_works("spam", asker_id=None)[0].state == "open"
    preview = at.arrive(unit)
    assert preview is not None
    assert preview.is_preview
    assert show_arrival(public_id, now=game.clock()).is_open
    assert value("SELECT count(*) FROM platform_worker") == 0  # looking takes nothing

    taken = at.take(unit)
    arrival = at.arrive(unit, taken)
    account, token = begin(game, at, public_id, arrival)
    again, _ = begin(game, at, public_id, arrival)
    assert again == account
    assert value("SELECT count(*) FROM assignment") == 1
    work = find_assignment(token, now=game.clock())
    assert work is not None
    assert work.done == 0
    with pytest.raises(Conflict) as early:
        finish_assignment(work.id, now=game.clock())
    assert early.value.code == "not_enough"
    game.committed(account)
    assert finish_assignment(work.id, now=game.clock()).is_enough
    assert finish_assignment(work.id, now=game.clock()).state == "done"
    assert at.hand_in_with(taken, str(value("SELECT completion_code FROM work")))

    later(game, at)
    view, found = show_work("spam", public_id, asker_id=None)
    assert [(row.state, row.done, row.is_known) for row in found] == [("approved", 1, True)]
    assert view.counts == {"approved": 1}
    with reading() as session:
        (payee,) = payees.payees(session, at.name)
        assert (payee.account_id, payee.worker, payee.assignment) == (account, at.worker, taken)
        assert account not in [each.account_id for each in payees.payees(session, "local")]
    earn(game, account, 5000, hunt)
    (due,) = show_payable(at.name, cutoff=game.clock(), least_cents=1, asker_id=None, now=game.clock()).payees
    assert due.handle == value(f"SELECT handle FROM account WHERE id = {account}"), "by the name here"
    assert due.worker == at.worker
    with pytest.raises(Conflict) as over:
        begin(game, at, public_id, arrival)
    assert over.value.code == "over"


def test_who_hands_in_less_is_left_to_a_person_and_never_rejected(game: Game, at: Stage) -> None:
    game.challenge()
    public_id, unit = open_work(game, at)
    taken = at.take(unit)
    begin(game, at, public_id, at.arrive(unit, taken))
    assert at.hand_in_with(taken, str(value("SELECT completion_code FROM work")))
    later(game, at)
    _, (row,) = show_work("spam", public_id, asker_id=None)
    assert (row.state, row.is_short) == ("submitted", True)
    assert "0 of 1" in row.trouble
    at.market.approve(taken)  # the person decides, on the platform's own site
    later(game, at)
    assert show_work("spam", public_id, asker_id=None)[1][0].state == "approved"


def test_a_platform_that_is_down_is_tried_again_and_puts_the_work_up_once(game: Game, at: Stage) -> None:
    game.challenge()
    public_id = publish(game, at)
    at.fake.fail_next(at.calls["publish"], "lost")
    tend(game, at)
    view, _ = show_work("spam", public_id, asker_id=None)
    assert view.state == "publishing"
    assert view.trouble
    later(game, at)
    view, _ = show_work("spam", public_id, asker_id=None)
    assert (view.state, view.trouble) == ("open", "")
    assert value("SELECT count(*) FROM work_unit") == 1 == at.published()


def test_closing_lets_nobody_in_and_who_works_may_finish(game: Game, at: Stage) -> None:
    game.challenge()
    public_id, unit = open_work(game, at)
    first, second = at.take(unit), at.take(unit, at.other)
    account, token = begin(game, at, public_id, at.arrive(unit, first))
    close_work("spam", public_id, asker_id=None, now=game.clock())
    assert close_work("spam", public_id, asker_id=None, now=game.clock()).state == "closing"
    tend(game, at)
    with pytest.raises(Conflict) as closed:
        begin(game, at, public_id, at.arrive(unit, second, at.other))
    assert closed.value.code == "closed"
    game.committed(account)
    work = find_assignment(token, now=game.clock())
    assert work is not None
    assert finish_assignment(work.id, now=game.clock()).state == "done"
    assert rows("SELECT verb FROM act ORDER BY id") == [("publish_work",), ("close_work",)]


def test_a_page_counts_for_one_assignment_only(game: Game, mturk: Stage) -> None:
    game.challenge()
    public_id, unit = open_work(game, mturk)
    account, first = begin(game, mturk, public_id, mturk.arrive(unit, mturk.take(unit)))
    _, second = begin(game, mturk, public_id, Arrival(mturk.worker, "A3OTHER", unit))
    game.committed(account)
    done = [find_assignment(token, now=game.clock()) for token in (first, second)]
    assert sorted(each.done for each in done if each) == [0, 1]


def test_nobody_gets_into_a_named_account_by_a_workers_id(game: Game, mturk: Stage) -> None:
    game.challenge()
    public_id, unit = open_work(game, mturk)
    owner = game.player("owner")
    arrival = mturk.arrive(unit, mturk.take(unit))
    assert begin(game, mturk, public_id, arrival, member_id=owner)[0] == owner
    with pytest.raises(SignInNeeded):
        begin(game, mturk, public_id, arrival)
    with pytest.raises(Forbidden) as other:
        begin(game, mturk, public_id, arrival, member_id=game.player("other"))
    assert other.value.code == "other_account"


def test_one_person_on_two_platforms_is_one_account_where_they_show_it(game: Game, mturk: Stage) -> None:
    game.challenge()
    public_id, unit = open_work(game, mturk)
    owner = game.player("owner")
    for worker in ("A1FIRST", "A2SECOND"):
        arrival = mturk.arrive(unit, mturk.take(unit, worker), worker)
        assert begin(game, mturk, public_id, arrival, member_id=owner)[0] == owner
    assert value("SELECT count(*) FROM platform_worker") == 2


def test_a_worker_whom_the_operator_names_is_one_person_and_paid_by_one_platform(
    game: Game, mturk: Stage
) -> None:
    challenge = game.challenge()
    public_id, unit = open_work(game, mturk)
    marta = game.player("marta")
    arrival = mturk.arrive(unit, mturk.take(unit))
    guest, token = begin(game, mturk, public_id, arrival)
    earn(game, guest, 1000, challenge)
    earn(game, marta, 1000, challenge)
    with pytest.raises(Conflict, match="task"):
        link_worker("marta", "mturk", mturk.worker, now=game.clock())
    with transaction() as session:
        session.query(DbAssignment).update({"state": "rejected"})
    with pytest.raises(Conflict, match="approved"):
        link_worker("marta", "mturk", mturk.worker, now=game.clock())
    with transaction() as session:
        session.query(DbAssignment).update({"state": "approved", "is_known": True})
    for before in (f"guest-{token}", ""):
        assert link_worker("marta", "mturk", mturk.worker, now=game.clock()).startswith(before[:6])
    assert value("SELECT count(*) FROM platform_worker") == 1
    with reading() as session:
        paid = {each.account_id: each.worker for each in payees.payees(session, "mturk")}
        assert paid == {guest: mturk.worker, marta: mturk.worker}
        assert payees.payees(session, "local") == []
    assert value("SELECT count(*) FROM act WHERE verb = 'link_worker'") == 2


def test_an_account_of_somebody_s_own_is_not_taken_from_them(game: Game) -> None:
    game.player("owner"), game.player("marta")
    assert link_worker("owner", "prolific", "5f0000000000000000000aaa", now=game.clock()) == ""
    with pytest.raises(Conflict, match="owner"):
        link_worker("marta", "prolific", "5f0000000000000000000aaa", now=game.clock())
    for wrong in (("marta", "link", "a"), ("marta", "mturk", "a b")):
        with pytest.raises(Invalid):
            link_worker(*wrong, now=game.clock())
    with pytest.raises(NotFound):
        link_worker("nobody", "mturk", "A1", now=game.clock())
    done = game.app.test_cli_runner().invoke(
        args=["btm", "platform", "link", "owner", "5f0000000000000000000aaa", "--on", "prolific"]
    )
    assert done.stdout == "5f0000000000000000000aaa on prolific is owner now\n"


@pytest.mark.parametrize(("kind", "is_open"), [("play", False), ("judge", True)])
def test_nobody_new_is_sent_to_find_pages_where_none_are_taken_any_more(
    game: Game, at: Stage, kind: str, is_open: bool
) -> None:
    game.challenge()
    public_id, unit = open_work(game, at, kind=kind)
    set_stops("spam", Stops(until=game.clock()), asker_id=None, now=game.clock())
    assert show_arrival(public_id, now=game.clock()).is_open is is_open
    arrival = at.arrive(unit, at.take(unit))
    if is_open:
        begin(game, at, public_id, arrival)
        return
    with pytest.raises(Conflict, match="closed"):
        begin(game, at, public_id, arrival)


def test_a_stranger_to_the_platform_or_to_its_unit_is_turned_away(game: Game, at: Stage) -> None:
    game.challenge()
    public_id, _ = open_work(game, at)
    forged = Arrival(at.worker, "A0FORGED", "A0UNIT")
    with pytest.raises(Forbidden):
        begin(game, at, public_id, forged)
    with pytest.raises(NotFound):
        show_arrival("nothing", now=game.clock())
    assert value("SELECT count(*) FROM assignment") == 0


def test_what_cannot_be_is_said_before_anything_is_published(game: Game, at: Stage) -> None:
    game.challenge()
    for change, field in (
        ({"pieces": 0}, "pieces"),
        ({"title": " "}, "title"),
        ({"countries": ("usa",)}, "countries"),
    ):
        with pytest.raises(Invalid) as bad:
            publish(game, at, **change)
        assert bad.value.field == field
    assert value("SELECT count(*) FROM work") == 0 == at.published()


def test_the_platform_learns_who_passed_our_test(game: Game, mturk: Stage) -> None:
    game.challenge()
    public_id, unit = open_work(game, mturk, needs_test=True)
    account, _ = begin(game, mturk, public_id, Arrival(mturk.worker, "A3TAKEN", unit))
    game.qualify(account)
    later(game, mturk)
    assert value("SELECT count(*) FROM qualification_grant") == 1
    assert mturk.granted() == {mturk.worker}


def test_a_market_without_keys_is_refused_with_the_variable_to_set(game: Game) -> None:
    with pytest.raises(PlatformRefused) as missing:
        market_named("mturk", game.database.settings)
    assert "BTM_MTURK_ACCESS_KEY" in missing.value.sentence
