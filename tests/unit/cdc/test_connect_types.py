"""How Connect's and Debezium's logical types are written."""

import pytest

from connector.cdc.connect import ConnectShape

_TIME = "io.debezium.time."
_CONNECT = "org.apache.kafka.connect.data."


def _text(logical: str, value: object, **more: object) -> str | None:
    schema = {"type": "struct", "fields": [{"field": "it", "name": logical, **more}]}
    return ConnectShape(schema).texts["it"](value)


@pytest.mark.parametrize(
    ("logical", "value", "text"),
    [
        (_TIME + "Date", 3711, "1980-02-29"),
        (_TIME + "Date", -1, "1969-12-31"),
        (_TIME + "Date", -2_147_472_692, None),
        (_TIME + "Timestamp", 1_793_524_530_654, "2026-11-01T09:15:30.654"),
        (_TIME + "MicroTimestamp", 1_793_524_530_654_321, "2026-11-01T09:15:30.654321"),
        (_TIME + "MicroTimestamp", 0, "1970-01-01T00:00:00"),
        (_TIME + "MicroTimestamp", -500_000, "1969-12-31T23:59:59.5"),
        (_TIME + "MicroTimestamp", 9_223_372_036_825_200_000, None),
        (_TIME + "NanoTimestamp", 1_793_524_530_000_000_007, "2026-11-01T09:15:30.000000007"),
        (_TIME + "Timestamp", -62_135_596_800_000, "0001-01-01T00:00:00"),
        (_TIME + "Time", 34_200_250, "09:30:00.25"),
        (_TIME + "MicroTime", 86_400_000_000, "24:00:00"),
        (_TIME + "MicroTime", -3_020_399_000_000, "-838:59:59"),
        (_TIME + "NanoTime", 1, "00:00:00.000000001"),
        (_TIME + "Date", "1980-02-29", None),
        (_TIME + "MicroTime", None, None),
        (_CONNECT + "Date", 3711, "1980-02-29"),
        (_CONNECT + "Time", 34_200_000, "09:30:00"),
        (_CONNECT + "Timestamp", 1_793_524_530_654, "2026-11-01T09:15:30.654"),
        ("io.debezium.data.VariableScaleDecimal", {"scale": 3, "value": "fQ=="}, "0.125"),
        ("io.debezium.data.VariableScaleDecimal", {"scale": 0, "value": "fQ=="}, "125"),
        ("io.debezium.data.VariableScaleDecimal", {"scale": -2, "value": "fQ=="}, "12500"),
        ("io.debezium.data.VariableScaleDecimal", {"scale": 10**9, "value": "fQ=="}, None),
        ("io.debezium.data.VariableScaleDecimal", {"value": "fQ=="}, None),
        ("io.debezium.data.VariableScaleDecimal", "fQ==", None),
    ],
)
def test_a_logical_type_is_written_as_people_read_it(
    logical: str, value: object, text: str | None
) -> None:
    """Days, units since 1970 and of the day become ISO text; what is out of range does not."""
    assert _text(logical, value) == text


@pytest.mark.parametrize(
    ("value", "scale", "text"),
    [
        ("Aeh6", "2", "1250.50"),
        ("/w==", "2", "-0.01"),
        ("fQ==", "0", "125"),
        ("", "2", "0.00"),
        ("not base64!", "2", None),
        ("Aeh6", "two", None),
        ("Aeh6", None, None),
        (1250.5, "2", None),
        (b"\x01\xe8z", "2", "1250.50"),
    ],
)
def test_a_decimal_is_written_with_its_scale(value: object, scale: object, text: str) -> None:
    """The unscaled bytes and the schema's scale make the number."""
    assert _text(_CONNECT + "Decimal", value, parameters={"scale": scale}) == text


@pytest.mark.parametrize(
    "schema",
    [
        {},
        {"fields": None},
        {"fields": ["x", 1, None]},
        {
            "fields": [
                {"field": 1, "name": _TIME + "Date"},
                {"field": "a"},
                {"field": "b", "name": 2},
            ]
        },
        {"fields": [{"field": "stage", "name": "io.debezium.data.Enum"}]},
    ],
)
def test_a_schema_that_says_nothing_of_use_is_no_harm(schema: dict[str, object]) -> None:
    """Missing, odd and plain schemas leave the values as they are."""
    shape = ConnectShape(schema)
    assert shape.texts == {}
    assert shape.member("a") is None


def test_a_shape_names_the_fields_in_the_order_of_their_writer() -> None:
    """Salesforce's bitmaps count fields by it; a struct within a struct has a shape of its own."""
    inner = {"type": "struct", "field": "Name", "fields": [{"type": "string", "field": "Last"}]}
    shape = ConnectShape(
        {"type": "struct", "fields": [{"type": "string", "field": "Z"}, inner, {"field": 1}]}
    )
    assert shape.names == ("Z", "Name")
    assert shape.member("Name") == ConnectShape(inner)
    assert shape.member("Z") is None
