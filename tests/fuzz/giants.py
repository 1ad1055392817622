"""Make records as large as a broker takes them, each a trap for time or memory."""

import base64
import json
import random
from collections.abc import Callable, Mapping

from connector.domain.record import Record
from tests.support.records import a_record, envelope

SIZE = 1_000_000
"""Bytes: the most that a broker takes unless it is told otherwise."""


def giant(rng: random.Random) -> Record:
    """Return one of them."""
    return a_record(GIANTS[rng.choice([*GIANTS])]())


def _row(name: str, raw: bytes) -> bytes:
    return b'{"lead_id":"L-1","' + name.encode() + b'":' + raw + b"}"


def _digits() -> bytes:
    return _row("score", b"9" * SIZE)


def _fraction() -> bytes:
    return _row("score", b"0." + b"9" * SIZE)


def _nested() -> bytes:
    return _row("score", b"[" * (SIZE // 2) + b"]" * (SIZE // 2))


def _many_fields() -> bytes:
    return json.dumps({f"f{number}": number for number in range(SIZE // 18)}).encode()


def _one_field_often() -> bytes:
    return b"{" + b'"score":1,' * (SIZE // 10) + b'"lead_id":"L-1"}'


def _long_number() -> bytes:
    return _row("phone_mobile", b'"+1' + b"2" * SIZE + b'"')


def _long_id() -> bytes:
    return b'{"lead_id":"' + b"x" * SIZE + b'"}'


def _decimal() -> bytes:
    """Return Connect's decimal of a million digits: to write it takes their square."""
    decimal = {"name": "org.apache.kafka.connect.data.Decimal", "parameters": {"scale": "2"}}
    fields = [
        {"field": "lead_id", "type": "string"},
        {"field": "score", "type": "bytes"} | decimal,
    ]
    digits = base64.b64encode(b"\x7f" * (SIZE * 3 // 4)).decode()
    payload = {"lead_id": "L-1", "score": digits}
    return json.dumps(
        {"schema": {"type": "struct", "fields": fields}, "payload": payload}
    ).encode()


def _wide_schema() -> bytes:
    """Return structs within a struct, each named by a bitmap: a square, if each is searched for."""
    count = SIZE // 100
    structs = [{"field": f"f{n}", "type": "struct", "fields": []} for n in range(count)]
    header = {"field": "ChangeEventHeader", "type": "struct", "fields": []}
    bits = [f"{n}-0x0" for n in range(1, count)]
    event = {"entityName": "Lead", "recordIds": ["00Q5f000001AbCdEAK"], "changeType": "UPDATE"}
    schema = {"type": "struct", "fields": [header, *structs]}
    payload = {"ChangeEventHeader": event | {"changedFields": bits}}
    return json.dumps({"schema": schema, "payload": payload}).encode()


def _many_leads() -> bytes:
    ids = [f"00Q5f0000{number:06}AAA" for number in range(SIZE // 24)]
    header = {"entityName": "Lead", "recordIds": ids, "changeType": "DELETE"}
    return json.dumps({"ChangeEventHeader": header}).encode()


def _long_bitmap() -> bytes:
    header = {"entityName": "Lead", "recordIds": ["00Q5f000001AbCdEAK"], "changeType": "UPDATE"}
    return json.dumps(
        {"ChangeEventHeader": header | {"changedFields": ["0x" + "F" * SIZE]}}
    ).encode()


def _long_position() -> bytes:
    row = {"lead_id": "L-1"}
    return json.dumps(
        envelope("u", row, lsn="9" * (SIZE // 2), gtid="1-2-" * (SIZE // 8))
    ).encode()


GIANTS: Mapping[str, Callable[[], bytes]] = {
    each.__name__.removeprefix("_").replace("_", " "): each
    for each in (
        _digits,
        _fraction,
        _nested,
        _many_fields,
        _one_field_often,
        _long_number,
        _long_id,
        _decimal,
        _wide_schema,
        _many_leads,
        _long_bitmap,
        _long_position,
    )
}
"""What each is → its maker."""
