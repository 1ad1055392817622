"""Swift values are the dataclasses that they were, only made faster."""

import dataclasses
import inspect
from collections.abc import Callable
from dataclasses import FrozenInstanceError, dataclass, field

import pytest

from connector.domain.change import LeadUpsert, Row
from connector.domain.ids import LeadId
from connector.domain.origin import Origin
from connector.domain.revision import NO_REVISION
from connector.domain.swift import swift

_ORIGIN = Origin("default", "leads", "id", 0, 7, 1_000)


@dataclass(frozen=True, slots=True)
class Plain:
    """A value with every kind of default."""

    name: str
    secret: str = field(repr=False)
    many: list[int] = field(default_factory=list)
    rest: tuple[int, ...] = ()


@swift
@dataclass(frozen=True, slots=True)
class Fast:
    """The same, made swift."""

    name: str
    secret: str = field(repr=False)
    many: list[int] = field(default_factory=list)
    rest: tuple[int, ...] = ()


@swift
@dataclass(frozen=True, slots=True)
class Empty:
    """A value without a field."""


WAYS: tuple[Callable[[type[Plain | Fast]], Plain | Fast], ...] = (
    lambda kind: kind("a", "b"),
    lambda kind: kind("a", secret="b", rest=(1,)),
    lambda kind: kind(name="a", secret="b", many=[1], rest=(2,)),
)


@pytest.mark.parametrize("make", WAYS)
def test_positions_names_and_defaults_are_taken_alike(
    make: Callable[[type[Plain | Fast]], Plain | Fast],
) -> None:
    """Whatever way a value is made, its fields are those of the plain dataclass."""
    assert dataclasses.asdict(make(Fast)) == dataclasses.asdict(make(Plain))


def test_defaults_that_are_made_are_made_each_time() -> None:
    """No two values share a list, and the signature is the dataclass's."""
    assert Fast("a", "b").many is not Fast("a", "b").many
    assert list(inspect.signature(Fast).parameters) == list(inspect.signature(Plain).parameters)


def test_what_is_missing_or_unknown_is_refused() -> None:
    """A field too few or a name too many is a TypeError, as ever."""
    with pytest.raises(TypeError, match="secret"):
        Fast("a")  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="colour"):
        Fast("a", "b", colour=1)  # type: ignore[call-arg]


def test_values_stay_frozen_equal_and_silent() -> None:
    """They cannot be changed, compare by their fields, and print no hidden one."""
    value = Fast("a", "b")
    with pytest.raises(FrozenInstanceError):
        value.name = "c"  # type: ignore[misc]
    assert value == Fast("a", "b") != Fast("a", "c")
    assert dataclasses.replace(value, name="c") == Fast("c", "b")
    assert repr(value) == "Fast(name='a', many=[], rest=())"
    assert Empty() == Empty()


def test_the_values_of_a_change_are_as_before() -> None:
    """The ones that every record makes: equal copies, equal hashes, no personal data shown."""
    upsert = LeadUpsert(LeadId("L1"), _ORIGIN, NO_REVISION, Row({"name": "Ada"}))
    assert upsert == dataclasses.replace(upsert)
    assert hash(_ORIGIN) == hash(dataclasses.replace(_ORIGIN))
    assert "Ada" not in repr(upsert)


def test_classes_that_it_cannot_serve_are_refused() -> None:
    """No slots, work after the setting of fields, and fields by name only: refused at import."""

    @dataclass(frozen=True)
    class Open:
        name: str

    @dataclass(frozen=True, slots=True)
    class Busy:
        name: str

        def __post_init__(self) -> None:
            """Do something."""

    @dataclass(frozen=True, slots=True)
    class Named:
        name: str = field(kw_only=True)

    for cls in (Open, Busy, Named):
        with pytest.raises(TypeError, match="swift"):
            swift(cls)
