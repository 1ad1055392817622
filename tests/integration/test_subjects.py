"""Our schemas against a registry over a socket: looked up, asked about, registered; or refused."""

import os
import uuid
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field

import pytest
from confluent_kafka.schema_registry import Schema, SchemaRegistryClient

from connector.registry.access import RegistryAccess, RegistryAwayError, RegistryRefusedError
from connector.registry.own_schemas import OUTCOME, schema_text
from connector.registry.subjects import IncompatibleError, Standing, Subjects
from tests.support.registries import missing, running_registry
from tests.support.schema_registry import SchemaRegistry, schema_registry

SUBJECT = "A.outcomes-value"
OURS = schema_text(OUTCOME)
OTHER = OURS.replace('"name":"attempts","type":"int"', '"name":"attempts","type":"string"')
OLDER = OURS.replace("A later version may add words.", "")


@pytest.fixture(scope="module")
def real() -> Iterator[str]:
    """The address of Apicurio."""
    if (lack := missing()) is not None:
        assert not os.environ.get("CI"), lack
        pytest.skip(f"no real registry: {lack}")
    with running_registry() as running:
        yield running.url


@pytest.fixture
def registry() -> Iterator[SchemaRegistry]:
    """The fake registry, with Apicurio's default rule, which asks nothing."""
    with schema_registry() as running:
        running.books.default_rule = "NONE"
        yield running


@pytest.fixture(params=["fake", pytest.param("Apicurio", marks=pytest.mark.slow)])
def url(request: pytest.FixtureRequest) -> str:
    """The address of either."""
    if request.param == "fake":
        running: SchemaRegistry = request.getfixturevalue("registry")
        return running.url
    address: str = request.getfixturevalue("real")
    return address


@dataclass(frozen=True, slots=True)
class Bench:
    """Our side of a registry, and somebody else's client of it; a subject that nobody had."""

    ours: Subjects
    other: SchemaRegistryClient
    subject: str = field(default_factory=lambda: f"{uuid.uuid4().hex}.outcomes-value")

    def put(self, schema: str) -> int:
        """Register a schema as somebody else would."""
        return self.other.register_schema(self.subject, Schema(schema, "AVRO"))

    def latest(self) -> int | None:
        """Tell the id of the newest version."""
        return self.other.get_latest_version(self.subject).schema_id


@pytest.fixture
def bench(url: str) -> Iterator[Bench]:
    """A bench at either registry."""
    with (
        closing(Subjects(RegistryAccess(url))) as ours,
        closing(SchemaRegistryClient({"url": url})) as other,
    ):
        yield Bench(ours, other)


@pytest.fixture
def subjects(registry: SchemaRegistry) -> Iterator[Subjects]:
    """Our side of the fake one."""
    with closing(Subjects(RegistryAccess(registry.url))) as ours:
        yield ours


def test_what_is_registered_is_found(bench: Bench) -> None:
    """A worker that starts again gets the id of the schema as it is there."""
    assert bench.put(OURS) == bench.ours.schema_id(bench.subject, OURS)


def test_what_is_registered_costs_one_question(
    registry: SchemaRegistry, subjects: Subjects
) -> None:
    """It changes nothing and asks once."""
    registry.books.register(SUBJECT, OURS)
    subjects.schema_id(SUBJECT, OURS)
    assert registry.books.asked == [f"POST /subjects/{SUBJECT}"]
    assert registry.books.rules == {}


@pytest.mark.parametrize("before", [[], [OLDER]], ids=["no version", "an older version"])
def test_what_is_missing_is_registered_under_our_rule(bench: Bench, before: list[str]) -> None:
    """The subject's rule is BACKWARD afterwards, and its newest version is ours."""
    for each in before:
        bench.put(each)
    known = bench.ours.schema_id(bench.subject, OURS)
    assert bench.latest() == known
    assert bench.other.get_compatibility(bench.subject) == "BACKWARD"
    assert bench.ours.schema_id(bench.subject, OURS) == known
    version = len(before) + 1
    assert bench.ours.standing(bench.subject, OURS) == Standing(
        bench.subject, version, compatible=True
    )


def test_an_incompatible_schema_is_not_registered(bench: Bench) -> None:
    """Though the registry's own rule would take anything; the text says what to do."""
    other = bench.put(OTHER)
    with pytest.raises(IncompatibleError, match="connector schema check"):
        bench.ours.schema_id(bench.subject, OURS)
    with pytest.raises(IncompatibleError, match=bench.subject):
        bench.ours.register(bench.subject, OURS)
    assert bench.latest() == other


@pytest.mark.parametrize(
    ("before", "rule", "version", "compatible"),
    [
        (None, None, None, True),
        (OURS, None, 1, True),
        (OLDER, "BACKWARD", None, True),
        (OTHER, "BACKWARD", None, False),
        (OTHER, None, None, None),
        (OTHER, "FORWARD", None, None),
    ],
    ids=["no subject", "registered", "can follow", "cannot follow", "no rule", "other rule"],
)
def test_a_standing_is_told_and_nothing_changes(
    bench: Bench,
    before: str | None,
    rule: str | None,
    version: int | None,
    *,
    compatible: bool | None,
) -> None:
    """Asking only reads, and says so where the registry's answer would mean nothing."""
    there = None if before is None else bench.put(before)
    if rule is not None:
        bench.other.set_compatibility(bench.subject, rule)
    told = bench.ours.standing(bench.subject, OURS)
    assert told == Standing(bench.subject, version, compatible)
    if there is None:
        assert bench.subject not in bench.other.get_subjects()
    else:
        assert bench.latest() == there


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_registry_in_trouble_is_away(
    registry: SchemaRegistry, subjects: Subjects, status: int
) -> None:
    """What passes by itself is waited for."""
    registry.books.trouble = status
    with pytest.raises(RegistryAwayError, match=str(status)):
        subjects.schema_id(SUBJECT, OURS)


def test_a_registry_that_nobody_answers_for_is_away(
    registry: SchemaRegistry, subjects: Subjects
) -> None:
    """No connection; and it is there again by itself."""
    registry.stop()
    with pytest.raises(RegistryAwayError, match=registry.url):
        subjects.standing(SUBJECT, OURS)
    registry.start()
    assert subjects.register(SUBJECT, OURS) == Standing(SUBJECT, 1, compatible=True)


@pytest.mark.parametrize(
    ("status", "advice"),
    [(401, "registry.password"), (403, "schema register"), (422, "registry.url")],
)
def test_a_refusal_says_what_to_do(
    registry: SchemaRegistry, subjects: Subjects, status: int, advice: str
) -> None:
    """A person must act, and the text names the setting or the command; never the password."""
    registry.books.trouble = status
    with pytest.raises(RegistryRefusedError, match=advice):
        subjects.schema_id(SUBJECT, OURS)


def test_who_is_let_in_with_a_password(registry: SchemaRegistry) -> None:
    """Name and password go as basic authentication, and no repr shows them."""
    access = RegistryAccess(registry.url, "analyst", "secret-of-the-registry")
    assert "secret-of" not in repr(access)
    with closing(Subjects(access)) as ours:
        ours.schema_id(SUBJECT, OURS)
    assert registry.books.names == {"analyst:secret-of-the-registry"}
