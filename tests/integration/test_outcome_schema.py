"""The registry that knows the outcome schema is away at start, and comes back in trouble."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from connector.registry.access import RegistryAccess
from connector.registry.own_schemas import OUTCOME, schema_text
from connector.registry.subjects import Subjects
from connector.stream import outcome_schema
from connector.stream.outcome_schema import OutcomeSchema
from connector.stream.startup import RefusedError
from tests.support.schema_registry import SchemaRegistry

SUBJECT = "a.outcomes-value"
STRANGER = '{"type":"record","name":"Outcome","fields":[{"name":"x","type":"int"}]}'


class Asking:
    """A worker's side of it: what it learnt, and what it heard meanwhile."""

    def __init__(self, registry: SchemaRegistry) -> None:
        self.ids: list[int] = []
        self.away: list[str] = []
        self.failures: list[BaseException] = []
        subjects = Subjects(RegistryAccess(registry.url))
        self.schema = OutcomeSchema(
            subjects, SUBJECT, self.ids.append, self.away.append, self.failures.append
        )

    async def until_away(self, text: str) -> None:
        """Wait until it hears that."""
        async with asyncio.timeout(10):
            while not any(text in each for each in self.away):  # noqa: ASYNC110 - no event tells
                await asyncio.sleep(0.01)


@asynccontextmanager
async def asking(registry: SchemaRegistry) -> AsyncIterator[Asking]:
    """Begin while the registry is away."""
    at = Asking(registry)
    tasks = await at.schema.begin()
    assert len(at.away) == 1
    yield at
    async with asyncio.timeout(10):
        await asyncio.gather(*tasks)


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ask each hundredth of a second where a worker asks each second."""
    monkeypatch.setattr(outcome_schema, "FIRST_PAUSE", 0.01)
    monkeypatch.setattr(outcome_schema, "LONGEST_PAUSE", 0.05)


async def test_what_stands_before_a_registry_that_restarts_ends_no_worker() -> None:
    """It asks for a password, has no such path, answers with a page: outcomes are held on."""
    registry = SchemaRegistry()
    async with asking(registry) as at:
        registry.books.trouble = 401
        registry.start()
        await at.until_away("HTTP 401")
        registry.books.trouble = 404
        await at.until_away("HTTP 404")
        registry.books.nonsense = b"<html>" + b"x" * 10_000
        await at.until_away("<html>")
        registry.books.trouble, registry.books.nonsense = None, None
    assert max(map(len, at.away)) < 500
    assert at.failures == []
    assert registry.books.schemas[at.ids[0]] == schema_text(OUTCOME)
    assert len(at.ids) == 1
    registry.stop()


async def test_a_schema_that_cannot_follow_wants_a_person() -> None:
    """No waiting helps: somebody else registered there."""
    registry = SchemaRegistry()
    async with asking(registry) as at:
        registry.books.register(SUBJECT, STRANGER)
        registry.start()
    (refused,) = at.failures
    assert isinstance(refused, RefusedError)
    assert "cannot follow" in str(refused)
    assert at.ids == []
    registry.stop()
