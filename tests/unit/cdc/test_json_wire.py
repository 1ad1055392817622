"""How JSON bytes are read, with and without the schema beside the value."""

from decimal import Decimal

import pytest

from connector.cdc.connect import ConnectShape
from connector.cdc.wire import UndecodableError, mended, read_json, read_json_exactly


@pytest.mark.parametrize("data", [b"", b"{", b"\xff", b"NaN", b'"\\ud800"', b"1e999", b"[" * 2000])
def test_what_is_no_json_is_refused(data: bytes) -> None:
    """Broken bytes raise the one declared error."""
    with pytest.raises(UndecodableError):
        read_json(data)


def test_a_refusal_names_the_place_and_no_content() -> None:
    """An operator finds the spot; nobody reads the name of a person in a log."""
    with pytest.raises(UndecodableError) as refused:
        read_json(b'{"name": "Ana Alvarez", "x": oops}')
    assert "column" in str(refused.value)
    assert "Ana" not in str(refused.value)


def test_a_value_beside_its_schema_is_unwrapped() -> None:
    """Both forms of Connect's JSON converter are told apart record by record."""
    bare = read_json(b'{"lead_id":"L-1"}')
    wrapped = read_json(b'{"schema":{"type":"struct"},"payload":{"lead_id":"L-1"}}')
    assert bare.value == wrapped.value == {"lead_id": "L-1"}
    assert bare.shape is None
    assert wrapped.shape == ConnectShape({"type": "struct"})


@pytest.mark.parametrize(
    "row",
    [
        b'{"schema":"public","payload":"x"}',
        b'{"schema":null,"payload":1,"more":2}',
        b'{"payload":{}}',
    ],
)
def test_a_row_with_such_columns_stays_a_row(row: bytes) -> None:
    """Columns named schema and payload do not make a wrapping."""
    assert not read_json(row).wrapped


def test_exact_reading_keeps_the_digits() -> None:
    """Fractions and large integers are read as they are written."""
    datum = read_json_exactly(
        b"[1250.50, 123456789012345678901234567890, 1e2, 0e-99999999999999999999]"
    )
    assert datum.value == [
        Decimal("1250.50"),
        123456789012345678901234567890,
        Decimal("1E+2"),
        Decimal(0),
    ]


def test_exact_reading_refuses_what_python_cannot_hold() -> None:
    """Nesting and integers beyond Python's own bounds are refused, not raised through."""
    for data in (b"[" * 5000 + b"]" * 5000, b"9" * 5000):
        with pytest.raises(UndecodableError):
            read_json_exactly(data)


@pytest.mark.parametrize(
    ("data", "better"),
    [
        (b'{"name":"Zo\xeb","x":1}', '{"name": "Zo\N{REPLACEMENT CHARACTER}", "x": 1}'),
        (b'{"name":"\\ud83d"}', '{"name": "\N{REPLACEMENT CHARACTER}"}'),
        (b'{"score":NaN,"max":Infinity,"big":1e999}', '{"score": null, "max": null, "big": null}'),
        (b"\xef\xbb\xbf{}", "{}"),
    ],
)
def test_broken_json_is_mended_where_it_can_be(data: bytes, better: str) -> None:
    """Broken characters and numbers are replaced, and the rest can be read."""
    assert mended(data) == better.encode()
    read_json(better.encode())


@pytest.mark.parametrize("data", [b"", b"{", b"[" * 5000, b"9" * 5000, b"\x00\x00\x00\x00\x01abc"])
def test_what_is_no_json_at_all_is_not_mended(data: bytes) -> None:
    """Rubbish stays rubbish."""
    assert mended(data) is None
