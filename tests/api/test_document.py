"""The OpenAPI document is true: whatever it allows is answered as it says, and never with a fault of ours.

A case of each operation; `BTM_API_CASES=120` asks ten thousand in all (docs/api.md)."""

from __future__ import annotations

import itertools
import os
import random
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from openapi_spec_validator import OpenAPIV31SpecValidator
from schemathesis import checks
from schemathesis.specs.openapi import checks as conformance

from ..access.world import SLUG, World, open_world

CASES = int(os.environ.get("BTM_API_CASES", "1"))
CHECKS = (
    checks.not_a_server_error,
    conformance.status_code_conformance,
    conformance.content_type_conformance,
    conformance.response_schema_conformance,
)
"""Who may ask is the access table's to say."""
KNOWN = {
    "slug": SLUG, "name": "toy", "version": "1", "public_id": "quoted", "item_id": "item-open", "cluster_id": "cluster",
    "audit_id": "audit", "round_id": "round", "account_id": "judge", "gold_id": "gold", "dispute_id": "dispute",
    "task_id": "task", "work_id": "work", "code": "invite", "webhook_id": "hook", "delivery_id": "delivery", "scan_id": "scan",
}  # fmt: skip
"""What the seeded game has, of what an address may name."""
MARK = pytest.mark.timeout(0)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with open_world(tmp_path_factory.mktemp("document")) as made, made.app.app_context():
        made.app.config["TESTING"] = False
        yield made


@pytest.fixture(scope="module")
def document(world: World) -> dict[str, Any]:
    found: dict[str, Any] = world.app.test_client().get("/api/v1/openapi.json").json
    return found


def test_the_document_is_openapi_3_1(document: dict[str, Any]) -> None:
    assert document["openapi"].startswith("3.1.")
    OpenAPIV31SpecValidator(document).validate()
    names = [
        each["operationId"]
        for item in document["paths"].values()
        for each in item.values()
        if "operationId" in each
    ]
    assert len(names) == len(set(names))


def test_no_two_shapes_have_one_name(document: dict[str, Any]) -> None:
    assert not [name for name in document["components"]["schemas"] if name[-1].isdigit()]


@MARK
def test_everything_that_the_document_allows_is_answered_as_it_says(world: World) -> None:
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", world.app)
    asked, wrong = 0, []
    for result in schema.get_all_operations():
        try:
            asked += ask_about(world, result.ok())
        except Exception as error:
            wrong.append(f"{result.ok().label}: {error!r} {getattr(error, 'exceptions', '')}")
        world.put_back()
    print(f"{asked} cases")
    assert not wrong, "\n\n".join(wrong)
    assert asked >= CASES * 50


def ask_about(world: World, operation: Any) -> int:
    """Ask one operation, mostly about what is there, by one who may and by others. Returns how often."""
    luck, numbers = random.Random(operation.label), itertools.count(1)

    @seed(1)
    @settings(
        max_examples=CASES,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy())
    def ask(case: Any) -> None:
        number = next(numbers)
        for name in case.path_parameters or {}:
            if name in KNOWN and luck.random() < 0.8:
                case.path_parameters[name] = world.names.get(KNOWN[name], KNOWN[name])
        role = "admin" if luck.random() < 0.7 else luck.choice(("modeler", "verifier", "player"))
        headers = {"Authorization": f"Bearer btm_{role}"}
        if operation.method != "get" and luck.random() < 0.9:
            headers["Idempotency-Key"] = (
                f"{operation.label.replace('/', '.').replace(' ', '.')[:40]}.{number}".replace(
                    "{", ""
                ).replace("}", "")
            )
        response = case.call(headers=headers)
        case.validate_response(response, checks=CHECKS)

    ask()
    return next(numbers) - 1
