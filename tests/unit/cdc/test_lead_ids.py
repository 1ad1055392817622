"""How the lead is found in rows, keys and headers."""

import pytest

from connector.cdc.cells import InexactError, Struct
from connector.cdc.lead_ids import lead_in, lead_in_key, moved_to
from connector.cdc.wire import read_json


@pytest.mark.parametrize(
    ("value", "lead"),
    [
        ("L-1", "L-1"),
        (" L-1 ", " L-1 "),
        ("0007", "0007"),
        (1001, "1001"),
        (0, "0"),
        (1001.0, "1001"),
        (1001.5, None),
        ("", None),
        ("   ", None),
        (None, None),
        (True, None),
        ([], None),
        ({"scale": 0, "value": "fQ=="}, None),
        ("L-\N{REPLACEMENT CHARACTER}", None),
        ("__debezium_unavailable_value", None),
    ],
)
def test_an_id_is_text_or_an_integer(value: object, lead: str | None) -> None:
    """Everything else, and nothing, names no lead."""
    assert lead_in(Struct({"lead_id": value}), "lead_id") == lead


def test_a_row_without_the_field_names_no_lead() -> None:
    """An absent field is as good as an empty one."""
    assert lead_in(Struct({"id": "L-1"}), "lead_id") is None


def test_a_rounded_id_is_never_used() -> None:
    """Two large ids must not become one by rounding."""
    with pytest.raises(InexactError):
        lead_in(Struct({"lead_id": 1.2345678901234568e20}), "lead_id")


@pytest.mark.parametrize(
    ("key", "in_struct", "bare"),
    [
        (None, None, None),
        (b'{"lead_id":"L-1"}', "L-1", "L-1"),
        (b'{"lead_id":1001}', "1001", "1001"),
        (b'{"lead_id":123456789012345678901}', "123456789012345678901", "123456789012345678901"),
        (b'{"schema":{"type":"struct"},"payload":{"lead_id":"L-1"}}', "L-1", "L-1"),
        (b'{"schema":{"type":"string"},"payload":"L-1"}', None, "L-1"),
        (b'{"schema":{"type":"int64"},"payload":1001}', None, "1001"),
        (b'{"id":5}', None, None),
        (b'{"lead_id":null}', None, None),
        (b"L-1", None, "L-1"),
        (b'"L-1"', None, "L-1"),
        (b"1001", None, "1001"),
        (b"0007", None, "0007"),
        (b"1e5", None, "1e5"),
        (b"123456789012345678901234567890", None, "123456789012345678901234567890"),
        (b"null", None, None),
        (b"[1]", None, None),
        (b"{broken", None, None),
        (b"", None, None),
        (b"\xff\xfe", None, None),
    ],
)
def test_a_key_names_a_lead(key: bytes | None, in_struct: str | None, bare: str | None) -> None:
    """A struct names it by its field; where that is allowed, the key is the id itself."""
    assert lead_in_key(key, "lead_id", read_json, bare=False) == in_struct
    assert lead_in_key(key, "lead_id", read_json, bare=True) == bare


@pytest.mark.parametrize(
    ("headers", "lead"),
    [
        ((), None),
        ((("__debezium.newkey", b'{"lead_id":"L-2"}'),), "L-2"),
        ((("other", None), ("__debezium.newkey", b'{"lead_id":"L-2"}')), "L-2"),
        ((("__debezium.newkey", b'{"id":7}'),), None),
        ((("__debezium.newkey", None),), None),
        ((("__debezium.newkey", b"\xff"),), None),
        ((("__debezium.oldkey", b'{"lead_id":"L-2"}'),), None),
    ],
)
def test_the_header_of_a_key_change_names_the_new_lead(
    headers: tuple[tuple[str, bytes | None], ...], lead: str | None
) -> None:
    """Only the header of the leaving half says where the lead went."""
    assert moved_to(headers, "lead_id") == lead
