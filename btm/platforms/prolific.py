"""Prolific: work as a study that leads to our own page, pay as the study's reward and bonuses."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from btm.platforms.keys import PlatformKeys
from btm.platforms.market import Arrival, Cost, Published, Seen, Task, Unit, WayBack
from btm.platforms.platform import Payment, PlatformDown, PlatformRefused, Receipt
from btm.platforms.prolific_wire import Wire
from btm.rules.errors import Invalid

SETTLES = timedelta(hours=1)
"""Prolific carries a bonus out some minutes after it was asked to; so long after the asking, what is not there was never asked for."""
QUERY = "PROLIFIC_PID={{%PROLIFIC_PID%}}&STUDY_ID={{%STUDY_ID%}}&SESSION_ID={{%SESSION_ID%}}"
LEAST_HOURLY = 800
STATES = {
    "AWAITING REVIEW": "submitted",
    "APPROVED": "approved",
    "REJECTED": "rejected",
    "RETURNED": "gone",
    "TIMED-OUT": "gone",
    "SCREENED OUT": "gone",
}
ID = re.compile(r"[0-9a-zA-Z_-]{1,64}")


class Prolific:
    """See btm.platforms.market.Market. `clock` tells the present moment."""

    name = "prolific"
    title = "Prolific"
    tells_qualified = False
    frames: tuple[str, ...] = ()
    hand_in_origins: tuple[str, ...] = ()

    def __init__(self, keys: PlatformKeys, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self.wire = Wire(keys)
        self.home = keys.prolific_home
        self.clock = clock

    def check_task(self, task: Task) -> None:
        if task.reward_cents * 60 < LEAST_HOURLY * task.minutes:
            least = -(-LEAST_HOURLY * task.minutes // 60)
            raise Invalid(
                f"Prolific asks for 8 USD an hour at least: for {task.minutes} minutes that is {least} cents.",
                field="reward",
            )

    def estimate(self, reward_cents: int, places: int) -> Cost:
        rewards = reward_cents * places
        return Cost(
            rewards,
            -(-rewards * 428 // 1000),
            "Prolific takes up to 42.8% (a third for academics), on bonuses too.",
        )

    def publish(self, task: Task, *, resuming: bool = False) -> Published:
        study = (self._find_study(task.key) if resuming else None) or self.wire.post(
            "/studies/", _study(task)
        )
        study_id, status = str(study["id"]), str(study.get("status", "")).upper()
        currency = study.get("presentment_currency_code") or study.get("currency_code") or "USD"
        if currency != "USD" and status == "UNPUBLISHED":
            self.wire.delete(f"/studies/{study_id}/")
            raise PlatformRefused(
                f"This Prolific workspace pays in {currency}, and points are worth US dollars. Use a workspace in US dollars."
            )
        if status == "UNPUBLISHED":
            self.wire.post(f"/studies/{study_id}/transition/", {"action": "PUBLISH"})
        cost = study.get("total_cost")
        page = f"{self.home}/researcher/workspaces/studies/{study_id}"
        return Published(
            study_id, (Unit(study_id, task.places),), page, round(cost) if cost is not None else None
        )

    def _find_study(self, key: str) -> dict[str, Any] | None:
        found = next((row for row in self.wire.all_of("/studies/") if row.get("internal_name") == key), None)
        return self.wire.get(f"/studies/{found['id']}/") if found else None

    def close(self, units: Sequence[str]) -> None:
        for unit in units:
            if str(self.wire.get(f"/studies/{unit}/").get("status", "")).upper() in (
                "ACTIVE",
                "PAUSED",
                "SCHEDULED",
            ):
                self.wire.post(f"/studies/{unit}/transition/", {"action": "STOP"})

    def list_assignments(self, unit: str) -> list[Seen]:
        rows = self.wire.all_of(f"/studies/{unit}/submissions/")
        return [
            Seen(
                str(row["id"]),
                str(row.get("participant_id", "")),
                unit,
                STATES.get(str(row["status"]).upper(), "working"),
            )
            for row in rows
        ]

    def approve(self, assignment: str) -> None:
        try:
            self.wire.post(f"/submissions/{assignment}/transition/", {"action": "APPROVE"})
        except PlatformRefused:
            if self._submission(assignment)["status"] != "APPROVED":
                raise

    def read_arrival(self, query: Mapping[str, str]) -> Arrival | None:
        worker, session, study = (query.get(name, "") for name in ("PROLIFIC_PID", "SESSION_ID", "STUDY_ID"))
        if "%" in session + worker:
            return Arrival(is_preview=True)  # a researcher's own look at the address: nothing is filled in
        if not all(ID.fullmatch(each) for each in (worker, session, study)):
            return None
        return Arrival(worker, session, study)

    def check_arrival(self, arrival: Arrival) -> bool | None:
        try:
            row = self._submission(arrival.assignment)
        except PlatformRefused:
            return False
        return row.get("participant") == arrival.worker and row.get("study_id") == arrival.unit

    def way_back(self, assignment: str, *, code: str, pieces: int) -> WayBack:
        return WayBack(f"{self.home}/submissions/complete?cc={code}", code=code)

    def make_qualification(self, name: str, description: str) -> str:
        raise PlatformRefused("Prolific has no qualifications of ours.")

    def grant(self, qualification: str, worker: str) -> None:
        raise PlatformRefused("Prolific has no qualifications of ours.")

    def pay(self, payment: Payment) -> Receipt:
        """A bonus on a submission: set up, checked, then paid. What was set up and never paid costs nothing and is left lying."""
        if payment.cents <= 0:
            raise PlatformRefused("A payment must be of at least one cent.")
        if not payment.assignment:
            raise PlatformRefused(
                "Prolific pays a bonus only on a submission, and this participant has none."
            )
        if done := self.find_payment(payment):
            return done
        row = self._submission(payment.assignment)
        if row.get("participant") != payment.worker:
            raise PlatformRefused("Prolific knows this submission as somebody else's.")
        line = f"{payment.assignment},{payment.cents / 100:.2f}"
        made = self.wire.post(
            "/submissions/bonus-payments/", {"study_id": row["study_id"], "csv_bonuses": line}
        )
        if round(made.get("amount", payment.cents)) != payment.cents:
            raise PlatformRefused(
                f"Prolific read the bonus as {made['amount']} and not as {payment.cents} cents. Nothing was paid."
            )
        self.wire.post(f"/bulk-bonus-payments/{made['id']}/pay/")
        return Receipt(_reference(payment), f"Prolific carries it out within minutes, as {made['id']}.")

    def find_payment(self, payment: Payment) -> Receipt | None:
        """Prolific keeps no key and no reason, only sums: what it lists beyond our own records is the payment that was sent off."""
        if not payment.assignment:
            return None
        listed = Counter(
            round(cents) for cents in self._submission(payment.assignment).get("bonus_payments") or ()
        )
        known = Counter(payment.paid_before)
        if known - listed:
            raise PlatformDown(
                "Prolific has not yet carried out an earlier bonus to this participant. It is tried again."
            )
        if (listed - known)[payment.cents]:
            return Receipt(_reference(payment), "Found among the bonuses that Prolific lists.")
        if payment.tried_at is not None and self.clock() - payment.tried_at < SETTLES:
            raise PlatformDown(
                "Prolific may still be carrying this bonus out. It is looked at again an hour after it was sent."
            )
        return None

    def _submission(self, assignment: str) -> dict[str, Any]:
        return self.wire.get(f"/submissions/{assignment}/")


def _reference(payment: Payment) -> str:
    """What a payment is called: by what Prolific lists of it, since it does not list the set-up that it was paid by."""
    return f"bonus:{payment.assignment}:{payment.cents}"


def _study(task: Task) -> dict[str, Any]:
    return {
        "name": task.title,
        "internal_name": task.key,
        "description": task.description,
        "external_study_url": f"{task.url}?{QUERY}",
        "prolific_id_option": "url_parameters",
        "completion_codes": [
            {
                "code": task.completion_code,
                "code_type": "COMPLETED",
                "actions": [{"action": "MANUALLY_REVIEW"}],
            }
        ],
        "total_available_places": task.places,
        "estimated_completion_time": task.minutes,
        "reward": task.reward_cents,
        "device_compatibility": ["desktop", "tablet", "mobile"],
        "filters": _filters(task),
    }


def _filters(task: Task) -> list[dict[str, Any]]:
    """Prolific's own screeners: its approval rate and number of approvals are ranges."""
    found: list[dict[str, Any]] = []
    if task.requirements.min_approval:
        found.append(
            {
                "filter_id": "approval_rate",
                "selected_range": {"lower": task.requirements.min_approval, "upper": 100},
            }
        )
    if task.requirements.min_approved:
        found.append(
            {
                "filter_id": "approval_numbers",
                "selected_range": {"lower": task.requirements.min_approved, "upper": 100_000},
            }
        )
    return found
