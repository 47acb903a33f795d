"""What anybody may read, and the doors: log in, register, log out, one's own settings."""

from __future__ import annotations

from .kinds import MEMBER, OPEN, Row

INSIDE = dict.fromkeys(("player", "verifier", "blocked", "modeler", "other", "admin"), 302)
"""Who is in already is sent on."""

ROWS = {
    "GET static": Row(OPEN, at={"filename": "robots.txt"}, ok=404),
    "GET assets": Row(OPEN, at={"version": "x", "filename": "none.css"}, ok=404),
    "GET challenges.home": Row(OPEN),
    "GET challenges.about": Row(OPEN),
    "GET challenges.healthz": Row(OPEN),
    "GET challenges.robots": Row(OPEN),
    "GET health.readyz": Row(OPEN, 503),  # no worker runs in this world
    "GET health.prometheus": Row(OPEN, 404),
    "GET health.contact": Row(OPEN, 404),  # this world names no contact
    "GET challenges.challenge": Row(OPEN),
    "GET corpus.found": Row(OPEN),
    "GET machines.machines": Row(OPEN),
    "GET machines.machine": Row(OPEN),
    "GET money.leaderboard": Row(OPEN),
    "GET money.challenge_leaderboard": Row(OPEN),
    "GET people.log_in": Row(OPEN, but=INSIDE),
    "GET people.register": Row(OPEN, but=INSIDE),
    "POST people.take_log_in": Row(
        OPEN, 403, form={"handle": "nobody at all", "password": "not the password"}
    ),
    "POST people.take_registration": Row(OPEN, 422, form={"handle": "x", "password": "short"}),
    "POST people.log_out": Row(OPEN, 303),
    "GET people.settings": Row(MEMBER),
    "POST people.set_password": Row(MEMBER, 422, form={"old": "a", "new": "b"}),
    "POST people.end_session": Row(MEMBER, 303, at={"session_id": "1"}),
    "POST people.make_token": Row(MEMBER, form={"name": "robot", "scopes": "read", "days": "30"}),
    "POST people.revoke_token": Row(MEMBER, 303, at={"token_id": "1"}),
    "GET developers.reference": Row(OPEN),
    "GET people.own_data": Row(MEMBER),
    "GET people.leaving": Row(MEMBER),
    "POST people.leave": Row(MEMBER, 422, form={"giving_up": "all of it"}),
    "GET arrivals.arrive": Row(OPEN, 404, at={"public_id": "nothing"}),
    "GET arrivals.task": Row(OPEN, 404),
    "POST arrivals.finish": Row(OPEN, 404),
    "GET arrivals.invite": Row(OPEN, 404, at={"code": "nothing"}),
    "POST arrivals.accept": Row(MEMBER, 404, at={"code": "nothing"}),
    "GET money.statement": Row(MEMBER),
    "GET money.statement_file": Row(MEMBER),
}
