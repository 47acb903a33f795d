"""The money pages of the console, on the real services: a budget's page, a batch from points to a compared file, the record of acts."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from btm.platforms.local import LocalPlatform
from btm.services.advance_searches import advance_searches
from btm.services.recheck_find import recheck_find
from btm.services.roles import grant_role
from btm.services.sessions import start_session
from btm.services.show_budget import show_budget
from btm.services.views_money import DayView
from btm.web import charts_money, clock

from ..support.databases import value
from ..support.fakes import read_page
from ..support.game import Game
from ..support.paying import carry_out, earn


@pytest.fixture
def admin(game: Game, monkeypatch: pytest.MonkeyPatch) -> FlaskClient:
    """An admin's browser, at the game's own time, without form tokens."""
    if game.database.kind == "postgres":
        pytest.skip("pages do not depend on the database")
    monkeypatch.setitem(game.app.config, "WTF_CSRF_ENABLED", False)
    monkeypatch.setattr(clock, "now", game.clock)
    game.bell.work["payout"] = lambda row_id: None
    account_id = game.player("root")
    grant_role("root", "admin", now=game.clock())
    start_session(account_id, new_token="token of root", device="A browser", now=game.clock())
    client = game.app.test_client()
    with client.session_transaction() as session:
        session["t"] = "token of root"
    return client


def text(answer: Any, status: int = 200) -> str:
    assert answer.status_code == status, answer.text
    return str(answer.text)


def test_a_budget_is_seen_filled_and_told_when_to_stop(game: Game, admin: FlaskClient) -> None:
    game.challenge(budget=5000)
    for _ in range(4):
        game.clock.advance(days=1)
        game.settled()
    page = text(admin.get("/console/c/spam/money"))
    assert "assumes that workers go on to earn" in page
    assert page.count("pace-day") == 3
    assert (
        admin.post(
            "/console/c/spam/money/fund", data={"points": "7 000", "way": "in", "key": "k"}
        ).status_code
        == 303
    )
    assert value("SELECT sum(budget) FROM ledger WHERE kind = 'fund'") == 12_000
    refused = text(admin.post("/console/c/spam/money/fund", data={"points": "99999999", "way": "out"}), 409)
    assert "points are free" in refused
    assert 'id="points-fault">Write a whole number.' in text(
        admin.post("/console/c/spam/money/fund", data={"points": "lots"}), 422
    )
    assert (
        admin.post("/console/c/spam/money/stops", data={"until": "2026-01-01", "finds": ""}).status_code
        == 303
    )
    assert "It takes no new pages" in text(admin.get("/console/c/spam/money"))
    assert "that day is over" in text(game.app.test_client().get("/c/spam"))
    assert "Write a day as" in text(admin.post("/console/c/spam/money/stops", data={"until": "soon"}), 422)
    for written in ("2027-05-01T16:00", "2027-05-01T18:00+02:00"):
        assert admin.post("/console/c/spam/money/stops", data={"until": written}).status_code == 303
        assert show_budget("spam", asker_id=None, now=game.clock()).stops.until == datetime(
            2027, 5, 1, 16, tzinfo=UTC
        )


def test_a_pace_of_nothing_is_said_and_not_drawn(game: Game, admin: FlaskClient) -> None:
    game.challenge()
    page = text(admin.get("/console/c/spam/money"))
    assert "Nobody has earned anything today." in page
    assert "pace-picture" not in page
    game.clock.advance(days=3)
    assert "Nobody has earned anything in the last 3 days." in text(admin.get("/console/c/spam/money"))
    game.settled()
    assert "pace-today" in text(admin.get("/console/c/spam/money"))


def test_a_challenge_for_points_only_says_so_everywhere_and_is_left_out_of_payouts(
    game: Game, admin: FlaskClient
) -> None:
    fame = game.challenge("fame", points_per_usd=0)
    earn(game, game.player("fay"), 5000, fame)
    assert "for points only" in text(admin.get("/console/c/fame/money"))
    assert "For points only" in text(admin.get("/c/fame"))
    assert "for points only" in text(admin.get("/"))
    due = text(admin.post("/console/payouts", data={"platform": "local", "least": "0.01"}))
    assert "There is nothing to freeze" in due
    assert value("SELECT count(*) FROM payout_batch") == 0


def test_a_batch_goes_through_all_its_steps_on_its_page(game: Game, admin: FlaskClient) -> None:
    hunt = game.challenge()
    for name in ("ada", "=cmd"):
        earn(game, game.player(name), 5000, hunt)
    terms = {"platform": "local", "cutoff": "", "least": "0.50"}
    look = text(admin.post("/console/payouts", data={**terms, "look": "1"}))
    assert "Nothing was frozen" in look
    assert value("SELECT count(*) FROM payout_batch") == 0
    assert "Write dollars" in text(admin.post("/console/payouts", data={**terms, "least": "1.005"}), 422)
    made = admin.post("/console/payouts", data=terms)
    address = made.headers["Location"]
    public_id = address.rsplit("/", 1)[1]
    assert "Approve" in text(admin.get(address))
    for step in ("approve", "pay"):
        assert admin.post(f"{address}/{step}").status_code == 303
    assert "A worker is at it" in text(admin.get(address))
    carry_out(game, public_id, LocalPlatform())
    file = admin.get(f"{address}/bank.csv").data
    assert b"'=cmd," in file, "a spreadsheet would run that name"
    wrong = {"data": (io.BytesIO(file.replace(b"1.00", b"9.00", 1)), "bank.csv")}
    assert admin.post(f"{address}/reconcile", data=wrong).status_code == 303
    assert "What differs" in text(admin.get(address))
    admin.post(f"{address}/reconcile", data={"data": (io.BytesIO(file), "bank.csv")})
    assert "reconciled" in text(admin.get(address))
    assert "can no longer be cancelled" in text(admin.post(f"{address}/cancel"), 409)
    acts = text(admin.get(f"/console/acts?subject=payout:{public_id}"))
    assert all(verb in acts for verb in ("open_payout", "freeze_payout", "approve_payout", "write_bank_file"))
    assert "grant_role" not in acts
    assert admin.post(f"{address}/explode").status_code == 404


def test_where_four_eyes_are_wanted_whoever_froze_a_batch_is_told_to_ask_another(
    game: Game, admin: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = replace(game.app.extensions["btm_settings"], payout_four_eyes=True)
    monkeypatch.setitem(game.app.extensions, "btm_settings", settings)
    earn(game, game.player("ada"), 5000, game.challenge())
    address = admin.post("/console/payouts", data={"platform": "local", "least": "0.50"}).headers["Location"]
    page = text(admin.get(address))
    assert "another admin has to approve it" in page
    assert "/approve" not in page
    assert "Somebody else has to approve this batch" in text(admin.post(f"{address}/approve"), 403)
    start_session(game.player("ben"), new_token="token of ben", device="A browser", now=game.clock())
    grant_role("ben", "admin", now=game.clock())
    with admin.session_transaction() as session:
        session["t"] = "token of ben"
    assert "/approve" in text(admin.get(address))
    assert "Approved. It can be paid." in text(admin.post(f"{address}/approve", follow_redirects=True))


@pytest.mark.parametrize(
    ("cutoff", "said"),
    [
        ("0001-01-01T00:00+12:00", "Write a day"), ("9999-12-31T23:59-12:00", "Write a day"),
        ("0001-01-01", "before the year 2000"), ("9999-12-31", "cannot be paid yet"), ("2025-02-30", "Write a day"),
    ],
)  # fmt: skip
def test_a_day_that_cannot_be_meant_is_said_at_its_field(
    game: Game, admin: FlaskClient, cutoff: str, said: str
) -> None:
    earn(game, game.player("ada"), 5000, game.challenge())
    page = text(
        admin.post("/console/payouts", data={"platform": "local", "least": "1", "cutoff": cutoff}), 422
    )
    assert said in page
    assert 'name="cutoff"' in page
    if "+" in cutoff or cutoff.count("-") > 2:
        assert "Write a day" in text(admin.post("/console/c/spam/money/stops", data={"until": cutoff}), 422)


def test_a_moment_with_an_offset_is_that_moment(game: Game, admin: FlaskClient) -> None:
    game.challenge()
    admin.post("/console/c/spam/money/stops", data={"until": "2027-05-01T18:00+02:00"})
    assert 'value="2027-05-01T16:00"' in text(admin.get("/console/c/spam/money"))


def test_a_statement_counts_each_challenge_at_its_own_rate(game: Game, admin: FlaskClient) -> None:
    dear, cheap, fame = (
        game.challenge("dear", points_per_usd=100),
        game.challenge("cheap"),
        game.challenge("fame", points_per_usd=0),
    )
    me = int(str(value("SELECT id FROM account WHERE handle = 'root'")))
    for challenge_id, points in ((dear, 150), (cheap, 5000), (fame, 70)):
        earn(game, me, points, challenge_id)
    page = text(admin.get("/me"))
    assert "$2.50" in page
    assert "points only" in page
    lines = admin.get("/me/statement.csv").text.splitlines()
    assert lines[0].endswith("points,points_per_usd,usd")
    assert [line.rsplit(",", 3)[1:] for line in lines[1:]] == [
        ["70", "0", "0"], ["5000", "5000", "1.0"], ["150", "100", "1.5"]
    ]  # fmt: skip


def test_a_search_for_the_lowest_reward_is_begun_seen_and_ended(game: Game, admin: FlaskClient) -> None:
    game.challenge()
    address = "/console/c/spam/money/search"
    terms = {"keep_pace": "70", "keep_quality": "80", "least_hours": "1", "least_pages": "10"}
    assert "No search yet" in text(admin.get(address))
    assert "Keep a share" in text(admin.post(address, data={**terms, "keep_pace": "2"}), 422)
    assert admin.post(address, data=terms).status_code == 303
    page = text(admin.get(address))
    assert "Nothing to compare yet" in page
    assert "for 1 more hour at least, and until 10 of its pages have a verdict (0 now)" in page
    for _ in range(10):
        game.settled()
    game.clock.advance(hours=1)
    advance_searches(now=game.clock())
    page = text(admin.get(address))
    assert "It pays up to 500 points now" in page
    assert page.count("data-read=") == 2
    assert '500 points: under way."' in page, "no pace is told of a step of no time"
    assert "A search is under way" in text(admin.post(address, data=terms), 409)
    assert admin.post(f"{address}/stop").status_code == 303
    page = text(admin.get(address))
    assert "It was ended by hand. It ended" in page
    assert "broken off" in page
    assert "under way" not in page


def test_how_long_it_lasts_counts_what_its_own_conditions_leave(game: Game, admin: FlaskClient) -> None:
    game.challenge(budget=20_000)
    address = "/console/c/spam/money"
    for _ in range(4):
        game.clock.advance(days=1)
        game.settled()
    spent = int(str(value("SELECT sum(-budget) FROM ledger WHERE kind <> 'fund'")))
    admin.post(f"{address}/stops", data={"spent": str(spent + 1000)})
    assert "the 1\u202f000 points that its own conditions leave are counted" in text(admin.get(address))
    day = (game.clock() + timedelta(hours=12)).strftime("%Y-%m-%dT%H:%M")
    admin.post(f"{address}/stops", data={"until": day})
    page = text(admin.get(address))
    assert "when it stops by itself. At the present pace its points last longer." in page
    game.clock.advance(days=1)
    page = text(admin.get(address))
    assert "It has stopped, so nothing more is promised." in page
    assert 'href="#stops-heading"' in page


def test_that_what_is_free_pays_for_no_page_is_said(game: Game, admin: FlaskClient) -> None:
    game.challenge(budget=10)
    assert "what is free does not pay for one more" in text(admin.get("/console/c/spam/money"))


def test_points_that_wait_are_seen_and_answered_for(game: Game, admin: FlaskClient) -> None:
    game.challenge()
    assert "Nothing waits" in text(admin.get("/console/c/spam/money"))
    me = int(str(value("SELECT id FROM account WHERE handle = 'root'")))
    finds = [game.settled("spam", player) for player in (game.player("ada"), game.player("bea"), me)]
    for public_id in finds[1:]:
        url = game.row(public_id).url
        game.reader.pages[url] = read_page(url, "Quite another page is here now. " * 9)
    game.clock.advance(days=1)
    for public_id in finds[1:]:
        recheck_find(game.row(public_id).id, now=game.clock(), reader=game.reader)  # type: ignore[arg-type]
    page = text(admin.get("/console/c/spam/money"))
    assert (page.count("Pay all the same"), page.count("Take to the desk")) == (3, 2)
    due = text(admin.post("/console/payouts", data={"platform": "local", "least": "0.01", "look": "1"}))
    assert "What would be held back" in due
    own = text(admin.get("/me"))
    assert "another page was found at" in own
    address = "/console/c/spam/money/held/"
    assert admin.post(address + finds[2], data={"way": "pay"}).status_code == 403
    taken = admin.post(address + finds[1], data={"way": "desk"})
    assert "Another page was found at its address" in text(admin.get(taken.headers["Location"]))
    assert "decides what it was" in text(admin.get(f"/s/{finds[1]}"))
    assert admin.post(address + finds[0], data={"way": "pay"}).status_code == 303
    assert "do not wait" in text(admin.post(address + finds[0], data={"way": "pay"}), 409)
    made = admin.post("/console/payouts", data={"platform": "local", "least": "0.01"})
    batch = text(admin.get(made.headers["Location"]))
    assert "Held back when it was frozen" in batch
    assert "Decide at the desk" in text(admin.get("/console/c/spam/money"))


def test_bars_stand_within_the_picture_whatever_the_days_hold() -> None:
    today = clock.now().date()
    days = [DayView(today, points, True) for points in (0, -50, 1, 12_345)]
    drawn = charts_money.picture(days, 3000.0)
    assert [bar.height for bar in drawn.bars][:2] == [0, 0]
    assert all(charts_money.TOP <= bar.y <= charts_money.FLOOR for bar in drawn.bars)
    assert drawn.ticks[-1][1] == 20_000
    assert charts_money.picture([], None).bars == ()
    assert [charts_money.ceiling(each) for each in (0, 1, 2, 3, 6, 11, 5000, 5001)] == [
        2,
        2,
        2,
        5,
        10,
        20,
        5000,
        10_000,
    ]
