"""How values of a row become text."""

from decimal import Decimal

import pytest

from connector.cdc.cells import InexactError, Struct, text_of


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("Ana", "Ana"),
        ("  padded ", "  padded "),
        ("", ""),
        (None, ""),
        (True, "true"),
        (False, "false"),
        (0, "0"),
        (-7, "-7"),
        (4_000_000_000, "4000000000"),
        (Decimal("1250.50"), "1250.50"),
        (Decimal("1E+3"), "1000"),
        (Decimal("1.5E-7"), "0.00000015"),
        (Decimal("0E-999999999"), "0.0"),
        (["hot", "web"], '["hot","web"]'),
        ({"a": 1, "b": [None, Decimal("1.5")]}, '{"a":1,"b":[null,1.5]}'),
        ("__debezium_unavailable_value", None),
        ("X19kZWJleml1bV91bmF2YWlsYWJsZV92YWx1ZQ==", None),
        (["__debezium_unavailable_value"], None),
        ({"__debezium_unavailable_value": "__debezium_unavailable_value"}, None),
    ],
)
def test_a_value_becomes_text(value: object, text: str | None) -> None:
    """Null is empty, numbers keep their digits, what the source could not tell is no text."""
    assert text_of(value) == text


def test_a_double_asks_for_its_digits() -> None:
    """A number that was rounded on reading is not written as if it were exact."""
    with pytest.raises(InexactError):
        text_of(0.1)


def test_a_value_too_deep_to_write_is_longer_than_any_cell() -> None:
    """Nesting that cannot be written down is refused by its length, not by a crash."""
    value: list[object] = []
    for _ in range(500):
        value = [value]
    text = text_of(value)
    assert text is not None
    assert len(text) > 512


def test_only_fields_that_are_there_are_named() -> None:
    """Absent and unavailable fields are left out; null ones are empty."""
    row = Struct({"a": "1", "b": None, "c": "__debezium_unavailable_value", "d": "4"})
    assert row.named(("a", "b", "c", "e")) == {"a": "1", "b": ""}


def test_a_row_shows_nothing_of_itself() -> None:
    """Rows hold personal data, so their repr is bare."""
    assert repr(Struct({"name": "Ana"})) == "Struct()"
