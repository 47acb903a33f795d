"""Amazon Mechanical Turk: work as HITs that show our own page in a frame, pay as the HIT's reward and bonuses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from xml.sax.saxutils import escape

from btm.platforms.keys import PlatformKeys
from btm.platforms.market import Arrival, Cost, Published, Requirements, Seen, Task, Unit, WayBack
from btm.platforms.mturk_wire import all_of, call, make_client, mark_of, token_of, usd
from btm.platforms.platform import Payment, PlatformDown, PlatformRefused, Receipt
from btm.rules.errors import Invalid

NOBODY = "ASSIGNMENT_ID_NOT_AVAILABLE"
MOST_A_HIT = 9
"""From ten assignments a HIT on, MTurk's fee doubles: more places become more HITs of one group."""
FRAME_HEIGHT = 0
"""The frame is as high as the worker's window."""
AUTO_APPROVAL_DAYS = 3
QUESTION = (
    '<ExternalQuestion xmlns="http://mechanicalturk.amazonaws.com/AWSMechanicalTurkDataSchemas/2006-07-14/ExternalQuestion.xsd">'
    "<ExternalURL>{url}</ExternalURL><FrameHeight>{height}</FrameHeight></ExternalQuestion>"
)
APPROVED_PERCENT, APPROVED_COUNT, LOCALE = (
    "000000000000000000L0",
    "00000000000000000040",
    "00000000000000000071",
)
STATES = {"Submitted": "submitted", "Approved": "approved", "Rejected": "rejected"}


class MTurk:
    """See btm.platforms.market.Market. `client` speaks to MTurk; by default one is made from the keys."""

    name = "mturk"
    title = "Mechanical Turk"
    tells_qualified = True

    def __init__(self, keys: PlatformKeys, client: Any = None) -> None:
        self.client = client or make_client(keys)
        self.frames = self.hand_in_origins = keys.mturk_workers
        self.is_sandbox = not keys.mturk_is_live

    def check_task(self, task: Task) -> None:
        if not task.url.startswith("https://") and "://127.0.0.1" not in task.url:
            raise Invalid(
                "MTurk shows only pages with https. Set BTM_PUBLIC_URL to an https:// address.",
                field="platform",
            )
        if len(task.title) > 128:
            raise Invalid("MTurk takes a title of 128 characters at most.", field="title")
        if len(task.description) > 2000:
            raise Invalid("MTurk takes a description of 2 000 characters at most.", field="description")

    def estimate(self, reward_cents: int, places: int) -> Cost:
        fee = max(-(-reward_cents * 20 // 100), 1) * places
        return Cost(
            reward_cents * places,
            fee,
            "MTurk takes 20% of the reward, at least 1 cent an assignment. Bonuses cost 20% more as well.",
        )

    def publish(self, task: Task, *, resuming: bool = False) -> Published:
        made = call(
            self.client, "create_hit_type", Title=task.title, Description=task.description,
            Keywords=", ".join(task.keywords), Reward=usd(task.reward_cents),
            AssignmentDurationInSeconds=task.minutes * 60, AutoApprovalDelayInSeconds=AUTO_APPROVAL_DAYS * 86400,
            QualificationRequirements=_requirements(task.requirements),
        )  # fmt: skip
        earlier = self._by_annotation(task.key) if resuming else {}
        units = []
        for number, places in enumerate(_split(task.places)):
            annotation = f"{task.key}-{number}"
            hit = earlier.get(annotation) or self._make_hit(task, made["HITTypeId"], annotation, places)
            units.append(Unit(hit, places))
        return Published(
            made["HITTypeId"], tuple(units), f"{self.frames[-1]}/mturk/preview?groupId={made['HITTypeId']}"
        )

    def _make_hit(self, task: Task, type_id: str, annotation: str, places: int) -> str:
        """A HIT's id. That its token was used already means that the answer to an earlier call was lost."""
        try:
            made = call(
                self.client, "create_hit_with_hit_type", HITTypeId=type_id, MaxAssignments=places,
                LifetimeInSeconds=task.days * 86400, Question=QUESTION.format(url=escape(task.url), height=FRAME_HEIGHT),
                RequesterAnnotation=annotation, UniqueRequestToken=token_of(annotation),
            )  # fmt: skip
        except PlatformRefused:
            if found := self._by_annotation(task.key).get(annotation):
                return found
            raise
        return str(made["HIT"]["HITId"])

    def _by_annotation(self, key: str) -> dict[str, str]:
        """HITs of a work that MTurk has, by what we wrote on them."""
        hits = all_of(self.client, "list_hits", "HITs")
        return {
            hit["RequesterAnnotation"]: hit["HITId"]
            for hit in hits
            if str(hit.get("RequesterAnnotation", "")).startswith(f"{key}-")
        }

    def close(self, units: Sequence[str]) -> None:
        for unit in units:
            call(
                self.client,
                "update_expiration_for_hit",
                HITId=unit,
                ExpireAt=datetime(2015, 1, 1, tzinfo=UTC),
            )

    def list_assignments(self, unit: str) -> list[Seen]:
        """MTurk tells of those that were handed in, not of those under way."""
        rows = all_of(self.client, "list_assignments_for_hit", "Assignments", HITId=unit)
        return [
            Seen(row["AssignmentId"], row["WorkerId"], unit, STATES[row["AssignmentStatus"]]) for row in rows
        ]

    def approve(self, assignment: str) -> None:
        try:
            call(self.client, "approve_assignment", AssignmentId=assignment)
        except PlatformRefused:
            row = call(self.client, "get_assignment", AssignmentId=assignment)["Assignment"]
            if row["AssignmentStatus"] != "Approved":
                raise

    def read_arrival(self, query: Mapping[str, str]) -> Arrival | None:
        assignment, unit = query.get("assignmentId", ""), query.get("hitId", "")
        if not assignment:
            return None
        if assignment == NOBODY:
            return Arrival(unit=unit, is_preview=True)
        worker = query.get("workerId", "")
        return Arrival(worker, assignment, unit) if worker and _is_id(worker) and _is_id(assignment) else None

    def check_arrival(self, arrival: Arrival) -> bool | None:
        """MTurk says nothing of an assignment until it is handed in."""
        return None

    def way_back(self, assignment: str, *, code: str, pieces: int) -> WayBack:
        fields = {"assignmentId": assignment, "pieces": str(pieces), "receipt": code}
        return WayBack(f"{self.hand_in_origins[0]}/mturk/externalSubmit", fields)

    def make_qualification(self, name: str, description: str) -> str:
        try:
            made = call(
                self.client,
                "create_qualification_type",
                Name=name,
                Description=description,
                QualificationTypeStatus="Active",
            )
        except PlatformRefused:
            rows = all_of(
                self.client,
                "list_qualification_types",
                "QualificationTypes",
                Query=name,
                MustBeRequestable=False,
                MustBeOwnedByCaller=True,
            )
            if found := next((row["QualificationTypeId"] for row in rows if row["Name"] == name), None):
                return str(found)
            raise
        return str(made["QualificationType"]["QualificationTypeId"])

    def grant(self, qualification: str, worker: str) -> None:
        call(
            self.client, "associate_qualification_with_worker", QualificationTypeId=qualification, WorkerId=worker,
            IntegerValue=1, SendNotification=False,
        )  # fmt: skip

    def pay(self, payment: Payment) -> Receipt:
        """A bonus on an assignment. The token keeps two calls of one day from paying twice; that the reason bears our mark, and is looked
        for first, keeps any two."""
        if payment.cents <= 0:
            raise PlatformRefused("A payment must be of at least one cent.")
        if not payment.assignment:
            raise PlatformRefused(
                "MTurk pays a bonus only for an assignment that was handed in, and this worker has none."
            )
        if done := self.find_payment(payment):
            return done
        try:
            call(
                self.client, "send_bonus", WorkerId=payment.worker, AssignmentId=payment.assignment, BonusAmount=usd(payment.cents),
                Reason=f"{payment.reason} {mark_of(payment)}", UniqueRequestToken=token_of(payment.key),
            )  # fmt: skip
        except PlatformRefused as error:
            if done := self.find_payment(payment):
                return done
            if "already been processed" in error.sentence:
                raise PlatformDown(
                    "MTurk has taken this bonus and does not list it yet. It is looked at again."
                ) from error
            raise
        return _receipt(payment)

    def find_payment(self, payment: Payment) -> Receipt | None:
        if not payment.assignment:
            return None
        try:
            rows = all_of(
                self.client, "list_bonus_payments", "BonusPayments", AssignmentId=payment.assignment
            )
        except PlatformRefused:
            return None  # MTurk knows no such assignment, so nothing was paid for it
        mark = mark_of(payment)
        return _receipt(payment) if any(str(row.get("Reason", "")).endswith(mark) for row in rows) else None


def _receipt(payment: Payment) -> Receipt:
    return Receipt(f"bonus:{payment.assignment}:{mark_of(payment)[1:-1]}")


def _split(places: int) -> list[int]:
    """So many assignments as HITs, as even as can be."""
    hits = -(-places // MOST_A_HIT)
    return [places // hits + (number < places % hits) for number in range(hits)]


def _is_id(value: str) -> bool:
    return len(value) <= 64 and value.isascii() and value.isalnum() and value.upper() == value


def _requirements(wanted: Requirements) -> list[dict[str, Any]]:
    """As MTurk writes them. Who does not meet them may still look, but not accept."""
    found: list[dict[str, Any]] = []
    if wanted.min_approval:
        found.append(
            {
                "QualificationTypeId": APPROVED_PERCENT,
                "Comparator": "GreaterThanOrEqualTo",
                "IntegerValues": [wanted.min_approval],
            }
        )
    if wanted.min_approved:
        found.append(
            {
                "QualificationTypeId": APPROVED_COUNT,
                "Comparator": "GreaterThanOrEqualTo",
                "IntegerValues": [wanted.min_approved],
            }
        )
    if wanted.countries:
        found.append(
            {
                "QualificationTypeId": LOCALE,
                "Comparator": "In",
                "LocaleValues": [{"Country": code} for code in wanted.countries],
            }
        )
    if wanted.qualification:
        found.append({"QualificationTypeId": wanted.qualification, "Comparator": "Exists"})
    return [{**each, "ActionsGuarded": "Accept"} for each in found]
