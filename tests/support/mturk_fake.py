"""MTurk on loopback: JSON 1.1 by `X-Amz-Target`, signed requests, parameters checked against the service's own model as botocore has it.

What it does not have: review policies, layouts, worker blocks, real money. `balance_cents` is what the requester has.
"""

from __future__ import annotations

import json
import re
import time
from functools import cache
from typing import Any
from urllib.parse import parse_qs
from xml.etree import ElementTree

import botocore.session
from botocore.validate import ParamValidator

from .loopback import DROP, Loopback

PREFIX = "MTurkRequesterServiceV20170117."
JSON = "application/x-amz-json-1.1"
TOKEN_HOURS = 24
SIGNED = re.compile(
    r"AWS4-HMAC-SHA256 Credential=(\w+)/\d{8}/us-east-1/mturk-requester/aws4_request, SignedHeaders=[\w;-]+, Signature=[0-9a-f]{64}"
)


@cache
def service_model() -> Any:
    return botocore.session.get_session().get_service_model("mturk")


class Refuse(Exception):
    """An error of the service: HTTP status, type, words, and the code beside it."""

    def __init__(self, words: str, *, kind: str = "RequestError", status: int = 400, code: str = "") -> None:
        super().__init__(words)
        self.words, self.kind, self.status, self.code = words, kind, status, code


class FakeMTurk(Loopback):
    """The requester's API, and the worker's site with `/mturk/externalSubmit`."""

    access_key = "AKIDTEST"
    secret_key = "a secret for tests"

    def __init__(self) -> None:
        self.balance_cents = 1_000_000
        self.types: dict[str, dict[str, Any]] = {}
        self.hits: dict[str, dict[str, Any]] = {}
        self.assignments: dict[str, dict[str, Any]] = {}
        self.bonuses: list[dict[str, Any]] = []
        self.qualifications: dict[str, dict[str, Any]] = {}
        self.holders: set[tuple[str, str]] = set()
        self.answers: dict[str, dict[str, list[str]]] = {}
        self._tokens: dict[str, float] = {}
        self._number = 0
        super().__init__()

    def environ(self) -> dict[str, str]:
        """The settings of an instance that takes this for MTurk."""
        return {
            "BTM_MTURK_ACCESS_KEY": self.access_key,
            "BTM_MTURK_SECRET_KEY": self.secret_key,
            "BTM_MTURK_ENDPOINT": self.url,
            "BTM_MTURK_WORKER_SITE": self.url,
        }

    def now(self) -> float:
        return time.time() + self.skipped

    def new(self, letters: str) -> str:
        self._number += 1
        return f"3{letters}{self._number:08d}"

    # What workers do

    def accept(self, hit_id: str, worker: str) -> str:
        """A worker takes a HIT; returns the assignment's id. Raises LookupError where it is full, expired or not for them."""
        hit = self.hits[hit_id]
        taken = [each for each in self.assignments.values() if each["HITId"] == hit_id]
        if len(taken) >= hit["MaxAssignments"] or hit["Expiration"] <= self.now():
            raise LookupError("this HIT is not available")
        if any(each["WorkerId"] == worker for each in taken):
            raise LookupError("a worker takes a HIT once")
        for wanted in hit["QualificationRequirements"]:
            own = wanted["QualificationTypeId"] in self.qualifications
            if own and (wanted["QualificationTypeId"], worker) not in self.holders:
                raise LookupError("this worker does not qualify")
        assignment = {
            "AssignmentId": self.new("ASSIGN"), "WorkerId": worker, "HITId": hit_id, "AssignmentStatus": "",
            "AcceptTime": self.now(),
        }  # fmt: skip
        self.assignments[assignment["AssignmentId"]] = assignment
        return assignment["AssignmentId"]

    def give_back(self, assignment_id: str) -> None:
        """A worker returns a HIT."""
        del self.assignments[assignment_id]

    def page_of(self, hit_id: str, assignment_id: str = "", worker: str = "") -> str:
        """The address that the frame shows: for a preview, or for a worker at an assignment."""
        question = ElementTree.fromstring(self.hits[hit_id]["Question"])
        url = next(each.text for each in question if each.tag.endswith("ExternalURL"))
        who = f"assignmentId={assignment_id}&workerId={worker}&turkSubmitTo={self.url}" if worker else ""
        return f"{url}?hitId={hit_id}&{who or 'assignmentId=ASSIGNMENT_ID_NOT_AVAILABLE'}"

    def hand_in(self, fields: dict[str, list[str]]) -> bool:
        """What externalSubmit does: the assignment's id, and at least one answer beside it."""
        assignment = self.assignments.get(fields.get("assignmentId", [""])[0])
        if assignment is None or assignment["AssignmentStatus"] or len(fields) < 2:
            return False
        assignment |= {"AssignmentStatus": "Submitted", "SubmitTime": self.now()}
        self.answers[assignment["AssignmentId"]] = fields
        return True

    # The wire

    def answer(self, method: str, parts: Any, headers: Any, body: bytes) -> Any:
        if parts.path == "/mturk/externalSubmit" and method == "POST":
            done = self.hand_in(parse_qs(body.decode()))
            words = (
                "<title>Handed in</title><p>Thank you"
                if done
                else "<title>Error</title><p>There was a problem"
            )
            return (200 if done else 400, f"<!doctype html><html lang=en>{words}</p>".encode(), "text/html")
        operation = str(headers.get("X-Amz-Target", "")).removeprefix(PREFIX)
        self.calls.append(operation)
        fault = self.fault_of(operation)
        try:
            if fault == "down":
                return DROP
            _raise_fault(fault)
            self._check_signature(headers)
            given = self._read(operation, headers, body)
            found = getattr(self, f"_{operation}")(given)
        except Refuse as error:
            told = {"__type": error.kind, "Message": error.words, "message": error.words}
            return error.status, told | ({"TurkErrorCode": error.code} if error.code else {}), JSON
        return DROP if fault == "lost" else (200, found or {}, JSON)

    def _check_signature(self, headers: Any) -> None:
        signed = SIGNED.fullmatch(headers.get("Authorization", ""))
        if signed is None or not re.fullmatch(r"\d{8}T\d{6}Z", headers.get("X-Amz-Date", "")):
            raise Refuse(
                "Missing Authentication Token", kind="MissingAuthenticationTokenException", status=403
            )
        if signed[1] != self.access_key:
            raise Refuse(
                "The security token included in the request is invalid.",
                kind="UnrecognizedClientException",
                status=403,
            )

    def _read(self, operation: str, headers: Any, body: bytes) -> dict[str, Any]:
        if operation not in service_model().operation_names or not hasattr(self, f"_{operation}"):
            raise Refuse(f"no such operation: {operation}", kind="UnknownOperationException")
        assert headers["Content-Type"] == JSON, headers["Content-Type"]
        given = json.loads(body)
        shape = service_model().operation_model(operation).input_shape
        report = ParamValidator().validate(given, shape)
        wrong = [report.generate_report()] if report.has_errors() else list(_beyond(given, shape, operation))
        if wrong:
            raise Refuse("; ".join(wrong), kind="ValidationException")
        return dict(given)

    def _once(self, given: dict[str, Any]) -> None:
        """A token that was used less than a day ago is refused."""
        token = given.get("UniqueRequestToken")
        if token is None:
            return
        used = self._tokens.get(token)
        if used is not None and self.now() - used < TOKEN_HOURS * 3600:
            raise Refuse(f'The idempotency token "{token}" has already been processed.')
        self._tokens[token] = self.now()

    # The operations

    def _GetAccountBalance(self, given: dict[str, Any]) -> dict[str, Any]:
        return {"AvailableBalance": f"{self.balance_cents / 100:.2f}"}

    def _CreateHITType(self, given: dict[str, Any]) -> dict[str, Any]:
        same = next((key for key, made in self.types.items() if made == given), None)
        key = same or self.new("TYPE")
        self.types[key] = given
        return {"HITTypeId": key}

    def _CreateHITWithHITType(self, given: dict[str, Any]) -> dict[str, Any]:
        kind = self.types.get(given["HITTypeId"])
        if kind is None:
            raise Refuse(
                f"HITType {given['HITTypeId']} does not exist.", code="AWS.MechanicalTurk.HITTypeDoesNotExist"
            )
        question = ElementTree.fromstring(given["Question"])
        if not question.tag.endswith("}ExternalQuestion"):
            raise Refuse(
                "There was an error parsing the XML question data.", code="AWS.ParameterValidationError"
            )
        places = given.get("MaxAssignments", 1)
        price = round(float(kind["Reward"]) * 100) * places * (140 if places >= 10 else 120) // 100
        if price > self.balance_cents:
            raise Refuse(
                "This Requester has insufficient funds in their account to complete this transaction.",
                code="AWS.MechanicalTurk.InsufficientFunds",
            )
        self._once(given)
        self.balance_cents -= price
        hit = {
            "HITId": self.new("HIT"), "HITTypeId": given["HITTypeId"], "HITGroupId": given["HITTypeId"], "Title": kind["Title"],
            "Reward": kind["Reward"], "Question": given["Question"], "HITStatus": "Assignable", "MaxAssignments": places,
            "RequesterAnnotation": given.get("RequesterAnnotation", ""), "CreationTime": self.now(),
            "Expiration": self.now() + given["LifetimeInSeconds"],
            "QualificationRequirements": kind.get("QualificationRequirements", []),
        }  # fmt: skip
        self.hits[hit["HITId"]] = hit
        return {"HIT": hit}

    def _ListHITs(self, given: dict[str, Any]) -> dict[str, Any]:
        return _page(list(reversed(self.hits.values())), "HITs", given)

    def _GetHIT(self, given: dict[str, Any]) -> dict[str, Any]:
        return {"HIT": self._hit(given["HITId"])}

    def _hit(self, hit_id: str) -> dict[str, Any]:
        if hit_id not in self.hits:
            raise Refuse(f"Hit {hit_id} does not exist.", code="AWS.MechanicalTurk.HITDoesNotExist")
        return self.hits[hit_id]

    def _UpdateExpirationForHIT(self, given: dict[str, Any]) -> None:
        self._hit(given["HITId"])["Expiration"] = float(given["ExpireAt"])

    def _ListAssignmentsForHIT(self, given: dict[str, Any]) -> dict[str, Any]:
        self._hit(given["HITId"])
        rows = [
            row
            for row in self.assignments.values()
            if row["HITId"] == given["HITId"] and row["AssignmentStatus"]
        ]
        return _page(rows, "Assignments", given)

    def _GetAssignment(self, given: dict[str, Any]) -> dict[str, Any]:
        return {"Assignment": self._assignment(given["AssignmentId"])}

    def _assignment(self, assignment_id: str) -> dict[str, Any]:
        row = self.assignments.get(assignment_id)
        if row is None or not row["AssignmentStatus"]:
            raise Refuse(
                f"Assignment {assignment_id} does not exist.",
                code="AWS.MechanicalTurk.AssignmentDoesNotExist",
            )
        return row

    def _ApproveAssignment(self, given: dict[str, Any]) -> None:
        row = self._assignment(given["AssignmentId"])
        if row["AssignmentStatus"] != "Submitted":
            raise Refuse(
                f"This operation can be called with a status of: Submitted. It is {row['AssignmentStatus']}.",
                code="AWS.MechanicalTurk.InvalidAssignmentState",
            )
        row |= {"AssignmentStatus": "Approved", "ApprovalTime": self.now()}

    def _SendBonus(self, given: dict[str, Any]) -> None:
        row = self._assignment(given["AssignmentId"])
        if row["WorkerId"] != given["WorkerId"]:
            raise Refuse(
                "The worker did not do this assignment.",
                code="AWS.MechanicalTurk.AssignmentDoesNotBelongToWorker",
            )
        cents = round(float(given["BonusAmount"]) * 100)
        if cents < 1:
            raise Refuse("A bonus is of at least one cent.", code="AWS.ParameterValidationError")
        if cents * 120 // 100 > self.balance_cents:
            raise Refuse(
                "This Requester has insufficient funds in their account to complete this transaction.",
                code="AWS.MechanicalTurk.InsufficientFunds",
            )
        self._once(given)
        self.balance_cents -= cents * 120 // 100
        self.bonuses.append(
            {name: given[name] for name in ("WorkerId", "BonusAmount", "AssignmentId", "Reason")}
            | {"GrantTime": self.now()}
        )

    def _ListBonusPayments(self, given: dict[str, Any]) -> dict[str, Any]:
        if "AssignmentId" not in given and "HITId" not in given:
            raise Refuse("Either HITId or AssignmentId must be specified.")
        if "AssignmentId" in given:
            self._assignment(given["AssignmentId"])
        rows = [row for row in self.bonuses if row["AssignmentId"] == given.get("AssignmentId")]
        return _page(rows, "BonusPayments", given)

    def _CreateQualificationType(self, given: dict[str, Any]) -> dict[str, Any]:
        if any(row["Name"] == given["Name"] for row in self.qualifications.values()):
            raise Refuse(
                "You have already created a QualificationType with this name.",
                code="AWS.MechanicalTurk.QualificationTypeAlreadyExists",
            )
        made = {
            "QualificationTypeId": self.new("QUAL"), "Name": given["Name"], "QualificationTypeStatus": "Active",
            "IsRequestable": True,
        }  # fmt: skip
        self.qualifications[made["QualificationTypeId"]] = made
        return {"QualificationType": made}

    def _ListQualificationTypes(self, given: dict[str, Any]) -> dict[str, Any]:
        rows = [row for row in self.qualifications.values() if given.get("Query", "") in row["Name"]]
        return _page(rows, "QualificationTypes", given)

    def _AssociateQualificationWithWorker(self, given: dict[str, Any]) -> None:
        if given["QualificationTypeId"] not in self.qualifications:
            raise Refuse(
                "There is no such QualificationType.", code="AWS.MechanicalTurk.QualificationTypeDoesNotExist"
            )
        self.holders.add((given["QualificationTypeId"], given["WorkerId"]))


def _raise_fault(fault: str) -> None:
    if fault == "throttled":
        raise Refuse("Rate exceeded", kind="ThrottlingException")
    if fault == "fault":
        raise Refuse(
            "Amazon Mechanical Turk is temporarily unable to process your request.",
            kind="ServiceFault",
            status=500,
        )


def _page(rows: list[dict[str, Any]], name: str, given: dict[str, Any]) -> dict[str, Any]:
    """A page of a list, and the token of the next one."""
    start, most = int(given.get("NextToken", "0")), min(given.get("MaxResults", 10), 100)
    page = rows[start : start + most]
    more = {"NextToken": str(start + most)} if start + most < len(rows) else {}
    return {name: page, "NumResults": len(page), **more}


def _beyond(value: Any, shape: Any, where: str) -> Any:
    """What the model says of values beyond their types: patterns, greatest lengths, allowed words."""
    if shape.type_name == "structure":
        for name, each in value.items():
            yield from _beyond(each, shape.members[name], name)
    elif shape.type_name == "list":
        for each in value:
            yield from _beyond(each, shape.member, where)
    elif shape.type_name == "string":
        pattern, most = shape.metadata.get("pattern"), shape.metadata.get("max")
        if pattern and not re.fullmatch(pattern.strip("^$"), value):
            yield f"{where}: {value!r} does not match {pattern}"
        if most and len(value) > most:
            yield f"{where}: longer than {most}"
        if shape.enum and value not in shape.enum:
            yield f"{where}: {value!r} is none of {shape.enum}"
