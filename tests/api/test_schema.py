"""The API against its own schema: whatever is sent, the answer is one that the schema names, and never a 500."""

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import positive_data_acceptance

from parvis.config.wsgi import application
from parvis.staff import api as staff_api
from tests.queueing_world import Hall
from tests.world import World

EXAMPLES = 5


@pytest.fixture
def one_connection() -> Iterator[None]:
    """Requests leave the test's connection, and its transaction, open: as Django's own test client has it."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def schema(one_connection: None, world: World, call_as: Any) -> Any:
    """The schema of a house in which every list has a row."""
    world.contact(need_id=world.repair.pk)
    Hall.open(world).take()
    return schemathesis.openapi.from_wsgi("/api/v1/openapi.json", application)


@pytest.fixture
def headers(schema: Any, call_as: Any, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """An administrator's token: nothing is refused for want of rights, nor for the wrong tokens tried on the way."""
    monkeypatch.setattr(staff_api, "FAILURES", 100_000)
    return call_as("administrator").headers


@pytest.mark.parametrize("mode", list(GenerationMode))
def test_every_answer_is_one_that_the_schema_names(schema: Any, headers: dict, mode: GenerationMode) -> None:
    """Every operation, with requests that fit the schema and with some that do not.

    One check is left out: what fits the schema may still be refused, since a schema cannot say which sites there are.
    """
    tried = 0
    for found in schema.get_all_operations():
        operation = found.ok()

        @given(case=operation.as_strategy(generation_mode=mode))
        @settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck), database=None)
        def answers(case: Any) -> None:
            nonlocal tried
            tried += 1
            case.call_and_validate(headers=headers, excluded_checks=[positive_data_acceptance])

        try:
            answers()
        except Unsatisfiable:
            continue  # nothing can be wrong with this operation's request
    assert tried > 100
