"""What was found in a challenge, for everybody."""

from __future__ import annotations

from btm.services.cursors import read_cursor
from btm.services.finding import get_challenge, get_quote
from btm.services.presenting import challenge_view, host_of, label_view
from btm.services.views_corpus import FindsPage, FindView
from btm.store import challenges, corpus
from btm.store.tables_challenges import DbChallenge
from btm.store.tables_play import DbSubmission
from btm.store.tables_review import DbOutcome
from btm.store.transaction import reading


def list_finds(slug: str, *, cursor: str | None = None, limit: int = 50) -> FindsPage:
    """Verified errors, newest first. Raises NotFound, and Invalid for a broken cursor."""
    before = read_cursor(cursor)
    with reading() as session:
        challenge = get_challenge(session, slug)
        rows = corpus.finds(session, challenge.id, before, limit + 1)
        figures = challenges.figures(session, [challenge.id])[challenge.id]
        return FindsPage(
            challenge=challenge_view(challenge, figures),
            finds=tuple(_find(challenge, *row) for row in rows[:limit]),
            total=figures.found,
            next_cursor=str(rows[limit - 1][0].id) if len(rows) > limit else None,
        )


def _find(challenge: DbChallenge, outcome: DbOutcome, submission: DbSubmission, finder: str) -> FindView:
    quote = get_quote(submission)
    return FindView(
        public_id=submission.public_id,
        title=submission.page.title if submission.page else "",
        url_text=submission.url,
        link="" if challenge.is_harmful else submission.url,
        host=host_of(submission.url),
        truth=label_view(challenge, outcome.truth),
        machine_said=label_view(challenge, outcome.assigned),
        belief=round(quote.probabilities[challenge.label_keys.index(outcome.assigned)], 2),
        severity=outcome.severity,
        novelty=quote.novelty,
        points=outcome.points,
        finder=finder,
        settled_at=outcome.settled_at,
    )
