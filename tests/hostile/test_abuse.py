"""People who would be paid for nothing, twice, or for what is theirs to judge; and who would use us against others."""

from __future__ import annotations

import pytest

from btm.pages.policy import DEFAULT_POLICY
from btm.pages.reader import PageReader
from btm.pages.reasons import ReadFailed
from btm.rules import flooding
from btm.rules.errors import Conflict, DomainError, Forbidden, TooMany
from btm.services.note_device import note_device
from btm.services.record_judgement import record_judgement
from btm.services.settle import settle
from btm.web import identity

from ..pages.hostile import HostileServer
from ..pages.support import covers, loopback_policy
from ..support.crowd import at_once, errors
from ..support.databases import value
from ..support.game import Game
from ..support.rejudging import die_everywhere


@covers("dup-race")
def test_one_address_handed_in_twenty_times_at_once_is_one_page_and_one_award(game: Game) -> None:
    game.challenge()
    player, url = game.player(), game.page()
    names = at_once(game.app, [lambda: game.submitted(player, url)] * 20)
    assert errors(names) == []
    assert len(set(names)) == value("SELECT count(*) FROM submission") == 1
    assert not errors(at_once(game.app, [lambda: game.commit(names[0])] * 20))
    game.judged(names[0], "spam", "spam")
    assert value("SELECT count(*) FROM ledger WHERE kind = 'bonus'") == 1
    game.check_books()


@covers("dup-variants")
def test_one_page_under_many_spellings_of_its_address_is_taken_once(game: Game) -> None:
    game.challenge()
    game.committed(
        url=game.page("https://pages.example/x?a=1", text="The one and only page of this test, and its text.")
    )
    for other in (
        "https://PAGES.example/x?a=1", "https://pages.example:443/x?a=1", "https://pages.example/x?a=1#part",
        "https://pages.example/x?a=1&utm_source=mail", "https://pages.example./x?a=1", "https://pages.example/./x?a=1",
    ):  # fmt: skip
        public_id = game.submitted(
            url=game.page(other, text=f"Words as others have them, at {game.new()}, every time anew.")
        )
        assert (game.row(public_id).state, game.row(public_id).refusal) == ("refused", "already_handed_in"), (
            other
        )


@covers("self-verify")
def test_neither_the_player_nor_an_account_of_the_same_device_is_offered_the_page_or_heard_about_it(
    game: Game,
) -> None:
    game.challenge()
    player, twin, stranger = game.judge(), game.judge(), game.judge()
    public_id = game.committed(player)
    for account, mark in ((player, "one"), (twin, "one"), (stranger, "two")):
        note_device(account, fingerprint=mark, now=game.clock())
    item = game.item(public_id)
    assert game.lease(player) is None
    assert game.lease(twin) is None
    for account, error, code in ((player, Forbidden, "own_page"), (twin, Conflict, "linked")):
        game.lease_to(item.public_id, account, "a token that they came by")
        with pytest.raises(error) as refused:
            record_judgement(
                item.public_id, judge_id=account, token="a token that they came by", label="spam", cannot=None, seconds=9.0,
                now=game.clock(),
            )  # fmt: skip
        assert refused.value.code == code
    game.lease_to(item.public_id, player, "")
    game.clock.advance(days=1)
    game.judged(public_id, "spam")
    assert value("SELECT count(*) FROM judgement") == 1


def test_addresses_of_no_public_network_link_nobody(game: Game) -> None:
    """Behind a proxy that tells nobody's address all would be one person."""
    marks = {}
    for address in ("127.0.0.1", "10.1.2.3", "::1", "8.8.8.8", "8.8.8.9", "9.9.9.9"):
        with game.app.test_request_context(environ_base={"REMOTE_ADDR": address}):
            marks[address] = identity.fingerprint()
    assert [marks[each] for each in ("127.0.0.1", "10.1.2.3", "::1")] == [""] * 3
    assert marks["8.8.8.8"] == marks["8.8.8.9"] != marks["9.9.9.9"]


@covers("double-vote")
def test_two_answers_of_one_judge_at_once_are_one(game: Game) -> None:
    game.challenge()
    game.committed()
    judge = game.judge()
    item = game.lease(judge)

    def vote(label: str) -> None:
        record_judgement(
            item.public_id, judge_id=judge, token=item.token, label=label, cannot=None, seconds=9.0, now=game.clock()
        )  # fmt: skip

    assert errors(at_once(game.app, [lambda: vote("spam"), lambda: vote("ham")] * 4)) == []
    assert (value("SELECT count(*) FROM judgement"), game.balance(judge)) == (1, 50)


@covers("lease-lapse")
def test_an_answer_after_the_lease_went_to_another_is_not_counted(game: Game) -> None:
    game.challenge()
    game.committed()
    slow, quick = game.judge(), game.judge()
    old = game.lease(slow)
    game.clock.advance(days=1)
    assert game.lease(quick).public_id == old.public_id
    with pytest.raises(Conflict) as refused:
        record_judgement(
            old.public_id, judge_id=slow, token=old.token, label="spam", cannot=None, seconds=9.0, now=game.clock()
        )  # fmt: skip
    assert (refused.value.code, game.balance(slow)) == ("lease_passed", 0)


@covers("kill-award")
def test_a_worker_killed_anywhere_between_verdict_and_award_pays_once(game: Game) -> None:
    game.challenge()
    public_id = game.committed()
    game.bell.hold()
    game.judged(public_id, "spam", "spam")
    item = game.item(public_id).id
    look = lambda: value("SELECT count(*) FROM ledger WHERE kind = 'bonus'")  # noqa: E731
    assert die_everywhere(lambda: settle(item, now=game.clock()), look) > 3
    settle(item, now=game.clock())
    assert look() == 1
    game.check_books()


@covers("self-site")
def test_an_address_of_this_service_is_not_fetched(server: HostileServer) -> None:
    url = server.on("/", b"HTTP/1.1 200 OK\r\n\r\nloop")
    with (
        PageReader(loopback_policy(own_hosts=(f"pub.test:{server.port}",))) as reader,
        pytest.raises(ReadFailed) as refused,
    ):
        reader.read(url)
    assert refused.value.code == "blocked"
    assert server.connections == 0


@covers("oracle")
def test_open_and_closed_ports_within_look_the_same_and_are_not_knocked_at(server: HostileServer) -> None:
    said = set()
    with PageReader(DEFAULT_POLICY) as reader:
        for port in (server.port, 1, 22, 8080):
            with pytest.raises(ReadFailed) as refused:
                reader.read(f"http://127.0.0.1:{port}/")
            said.add((refused.value.code, refused.value.sentence))
    assert len(said) == 1
    assert server.connections == 0


@covers("flood")
def test_one_account_cannot_have_us_flood_a_site(game: Game, monkeypatch: pytest.MonkeyPatch) -> None:
    game.challenge()
    game.bell.hold()
    monkeypatch.setattr(flooding, "MOST_OF_ONE", 5)
    monkeypatch.setattr(flooding, "MOST_OF_ALL", 8)
    first, second, third = game.player(), game.player(), game.player()
    assert hand_in(game, first, 7) == 5
    assert hand_in(game, second, 7) == 3  # all together
    with pytest.raises(TooMany, match="leave it alone"):
        game.submitted(third, "https://www.victim.example/once")
    game.submitted(third, "https://elsewhere.example/")
    game.clock.advance(hours=1, seconds=1)
    assert hand_in(game, first, 2) == 2


def hand_in(game: Game, player: int, number: int) -> int:
    """Pages of many hosts of one site. Returns how many were taken."""
    taken = 0
    for _ in range(number):
        try:
            game.submitted(player, f"https://{game.new('h')}.victim.example/{game.new('p')}")
        except DomainError:
            continue
        taken += 1
    return taken


@pytest.mark.parametrize(
    ("own", "all_together", "words"),
    [(0, 0, ""), (59, 1199, ""), (60, 60, "You have handed in 60"), (0, 1200, "leave it alone")],
)
def test_what_is_a_flood(own: int, all_together: int, words: str) -> None:
    told = flooding.why_too_many(own, all_together)
    assert words in told
    assert bool(told) == bool(words)


def test_a_page_of_a_linked_account_still_finds_other_judges(game: Game) -> None:
    game.challenge()
    player, twin = game.player(), game.judge()
    for account in (player, twin):
        note_device(account, fingerprint="one", now=game.clock())
    public_id = game.committed(player)
    other = game.committed()
    assert game.lease(twin).public_id == game.item(other).public_id
    assert game.lease(game.judge()).public_id in {game.item(each).public_id for each in (public_id, other)}
