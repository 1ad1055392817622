"""Our schemas against a registry over a socket: looked up, asked about, registered; or refused."""

from collections.abc import Iterator

import pytest

from connector.registry.access import RegistryAccess, RegistryAwayError, RegistryRefusedError
from connector.registry.own_schemas import OUTCOME, schema_text
from connector.registry.subjects import IncompatibleError, Standing, Subjects
from tests.support.schema_registry import SchemaRegistry, schema_registry

SUBJECT = "A.outcomes-value"
OURS = schema_text(OUTCOME)
OTHER = OURS.replace('"name":"attempts","type":"int"', '"name":"attempts","type":"string"')
OLDER = OURS.replace("A later version may add words.", "")


@pytest.fixture
def registry() -> Iterator[SchemaRegistry]:
    """A registry with Apicurio's default rule, which asks nothing."""
    with schema_registry() as running:
        running.books.default_rule = "NONE"
        yield running


@pytest.fixture
def subjects(registry: SchemaRegistry) -> Subjects:
    """Our side of it."""
    return Subjects(RegistryAccess(registry.url))


def test_what_is_registered_costs_one_question(
    registry: SchemaRegistry, subjects: Subjects
) -> None:
    """A worker that starts again changes nothing and asks once."""
    known = registry.books.register(SUBJECT, OURS)
    assert subjects.schema_id(SUBJECT, OURS) == known
    assert registry.books.asked == [f"POST /subjects/{SUBJECT}"]
    assert registry.books.rules == {}


@pytest.mark.parametrize("before", [[], [OLDER]], ids=["no version", "an older version"])
def test_what_is_missing_is_registered_under_our_rule(
    registry: SchemaRegistry, subjects: Subjects, before: list[str]
) -> None:
    """The subject's rule is BACKWARD afterwards, and its newest version is ours."""
    for each in before:
        registry.books.register(SUBJECT, each)
    known = subjects.schema_id(SUBJECT, OURS)
    assert registry.books.schemas[known] == OURS
    assert registry.books.versions[SUBJECT][-1] == known
    assert registry.books.rules == {SUBJECT: "BACKWARD"}
    assert subjects.schema_id(SUBJECT, OURS) == known


def test_an_incompatible_schema_is_not_registered(
    registry: SchemaRegistry, subjects: Subjects
) -> None:
    """Though the registry's own rule would take anything; the text says what to do."""
    registry.books.register(SUBJECT, OTHER)
    with pytest.raises(IncompatibleError, match="connector schema check"):
        subjects.schema_id(SUBJECT, OURS)
    assert len(registry.books.versions[SUBJECT]) == 1


@pytest.mark.parametrize(
    ("before", "rule", "expected"),
    [
        (None, None, Standing(SUBJECT, None, compatible=True)),
        (OURS, None, Standing(SUBJECT, 1, compatible=True)),
        (OLDER, "BACKWARD", Standing(SUBJECT, None, compatible=True)),
        (OTHER, "BACKWARD", Standing(SUBJECT, None, compatible=False)),
        (OTHER, None, Standing(SUBJECT, None, compatible=None)),
        (OTHER, "FORWARD", Standing(SUBJECT, None, compatible=None)),
    ],
    ids=["no subject", "registered", "can follow", "cannot follow", "no rule", "other rule"],
)
def test_a_standing_is_told_and_nothing_changes(
    registry: SchemaRegistry,
    subjects: Subjects,
    before: str | None,
    rule: str | None,
    expected: Standing,
) -> None:
    """Asking only reads, and says so where the registry's answer would mean nothing."""
    if before is not None:
        registry.books.register(SUBJECT, before)
    if rule is not None:
        registry.books.rules[SUBJECT] = rule
    schemas = dict(registry.books.schemas)
    assert subjects.standing(SUBJECT, OURS) == expected
    assert registry.books.schemas == schemas
    assert not [each for each in registry.books.asked if each.startswith("PUT")]


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
    Subjects(access).schema_id(SUBJECT, OURS)
    assert registry.books.names == {"analyst:secret-of-the-registry"}
