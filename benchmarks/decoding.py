"""Measure what decoding costs beside the parser alone: `make bench-decoding`.

    python -m benchmarks.decoding [--records 2000] [--rounds 15]

The same leads in every envelope and encoding. Each round runs the parsers alone and the decoder
over the same bytes, one after the other, in CPU time, so that noise hits all of them; the ratio is
the median of the rounds. `numbers known`: every phone number was read before, as with edits of a
lead; `numbers new`: none was.
"""

import argparse
import io
import json
import os
import statistics
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import fastavro
import orjson

from benchmarks.records import lead_records
from benchmarks.rig import load_average
from connector.cdc.avro_schema import read_schema
from connector.cdc.decoding import Changes, Decoder
from connector.cdc.source import SourceSpec
from connector.planning.conditions import condition
from tests.support import salesforce
from tests.support.avro import framed
from tests.support.records import a_record, envelope, struct_schema, with_schema

Parser = Callable[[bytes], object]
Row = dict[str, Any]

_FRAME = 5
_ID = 7
SOURCE = SourceSpec(
    name="crm",
    topics=("leads",),
    envelope="flat",
    encoding="json",
    lead_id="lead_id",
    default_region="US",
    columns={
        "First": "first_name",
        "Last": "last_name",
        "Mobile": "phone_mobile",
        "Home": "phone_home",
        "Zone": "time_zone",
        "Status": "status",
        "Company": "company",
    },
    phones={"Mobile": "cell", "Home": "home"},
    named=frozenset({"state"}),
    opt_out=condition({"do_not_call": [True], "status": ["DNC_Requested"]}),
    quarantine=condition({"status": ["Disqualified"]}),
)


@dataclass(frozen=True, slots=True)
class Case:
    """Records of one envelope and encoding, and the parsers that read their values alone."""

    name: str
    spec: SourceSpec
    values: Sequence[bytes]
    parsers: Mapping[str, Parser]
    schema: str | None = None

    def decoder(self) -> Decoder:
        """Return a decoder that has read no number yet."""
        if self.schema is None:
            return Decoder(self.spec)
        known = read_schema(self.schema)
        return Decoder(self.spec, schemas=lambda _: known)


def main() -> None:
    """Measure every case and print a table."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--records", type=int, default=2_000)
    asked.add_argument("--rounds", type=int, default=15)
    options = asked.parse_args()
    print(f"python -m benchmarks.decoding {' '.join(sys.argv[1:])}".rstrip())
    print(f"load average before: {load_average()}; {os.cpu_count()} cores, CPU time")
    print("| records | bytes | decoder/s | parser/s | decoder ÷ parser | numbers new: decoder/s |")
    print("| --- | --- | --- | --- | --- | --- |")
    for case in _cases(options.records):
        print(_measured(case, options.rounds))
    print(f"load average after: {load_average()}")


def _measured(case: Case, rounds: int) -> str:
    records = [a_record(value, offset=offset) for offset, value in enumerate(case.values)]
    warm = case.decoder()
    for record in records:
        decoded = warm.decode(record, "id")
        if not isinstance(decoded, Changes):
            raise TypeError(f"{case.name}: {decoded}")  # else it measures refusals
    ours, cold = [], []
    alone: dict[str, list[float]] = {name: [] for name in case.parsers}
    for _ in range(rounds):
        for name, parse in case.parsers.items():
            alone[name].append(_cpu(parse, case.values))
        ours.append(_cpu(lambda record: warm.decode(record, "id"), records))
        fresh = case.decoder()
        # mypy infers no type of a lambda with a default, which binds the decoder of this round.
        cold.append(_cpu(lambda record, it=fresh: it.decode(record, "id"), records))  # type: ignore[misc]
    count = len(records)
    size = sum(map(len, case.values)) // count
    ratios = {
        name: statistics.median(our / its for our, its in zip(ours, each, strict=True))
        for name, each in alone.items()
    }
    return (
        f"| {case.name} | {size:,} | {count / statistics.median(ours):,.0f} "
        f"| {_each(alone, lambda each: f'{count / statistics.median(each):,.0f}')} "
        f"| {', '.join(f'{name} {ratio:.1f}' for name, ratio in ratios.items())} "
        f"| {count / statistics.median(cold):,.0f} |"
    )


def _each(alone: Mapping[str, list[float]], text: Callable[[list[float]], str]) -> str:
    return ", ".join(f"{name} {text(each)}" for name, each in alone.items())


def _cpu(read: Callable[[Any], object], of: Iterable[object]) -> float:
    before = time.process_time()
    for each in of:
        read(each)
    return time.process_time() - before


_JSON: Mapping[str, Parser] = {"orjson": orjson.loads, "json": json.loads}


def _avro(schema: str) -> Mapping[str, Parser]:
    parsed = fastavro.parse_schema(json.loads(schema))

    def read(data: bytes) -> object:
        stream = io.BytesIO(data)
        stream.seek(_FRAME)
        return fastavro.schemaless_reader(stream, parsed, None)

    return {"fastavro": read}


def _cases(count: int) -> Iterable[Case]:
    rows = [orjson.loads(each.value) for each in lead_records(count)]
    sources = {name: replace(SOURCE, envelope=name) for name in ("debezium", "debezium-flat")}
    changed = [envelope("u", row) for row in rows]
    flattened = [{**row, "__op": "u", "__source_lsn": 7, "__deleted": "false"} for row in rows]
    yield _json("flat", SOURCE, rows)
    yield _json("debezium", sources["debezium"], changed)
    schema = _connect(changed[0])
    described = [with_schema(each, schema) for each in changed]
    yield _json("debezium with schemas", sources["debezium"], described)
    yield _json("debezium-flat", sources["debezium-flat"], flattened)
    yield _json("salesforce", salesforce.SALESFORCE, [_event(row, "b") for row in rows])
    yield _framed("flat", SOURCE, rows)
    yield _framed("debezium", sources["debezium"], changed)
    yield _framed("debezium-flat", sources["debezium-flat"], flattened)
    native = salesforce.schemas()[salesforce.NATIVE]
    yield _framed("salesforce", salesforce.SALESFORCE, [_event(row, "a") for row in rows], native)


def _json(name: str, spec: SourceSpec, values: Sequence[Row]) -> Case:
    return Case(f"{name}, JSON", spec, [orjson.dumps(each) for each in values], _JSON)


def _framed(name: str, spec: SourceSpec, values: Sequence[Row], schema: str | None = None) -> Case:
    schema = json.dumps(_avro_type(values[0], "Value")) if schema is None else schema
    written = [framed(_ID, schema, each) for each in values]
    avro = replace(spec, encoding="avro")
    return Case(f"{name}, Avro", avro, written, _avro(schema), schema)


def _event(row: Row, layout: str) -> Row:
    """Return the first event of the corpus' layout, about the lead of *row*."""
    value: Row = json.loads(json.dumps(salesforce.corpus(layout)[0].value))
    event = value["payload"] if layout == "b" else value
    event["ChangeEventHeader"]["recordIds"] = [str(row["lead_id"])]
    event["MobilePhone"] = row["phone_mobile"]
    return value


def _avro_type(value: object, name: str) -> Any:
    """Return a schema as Debezium writes it: fields that may be null, structs with names."""
    match value:
        case dict():
            fields = [
                {"name": field, "type": _avro_type(each, f"{name}_{field}")}
                for field, each in value.items()
            ]
            return {"type": "record", "name": name, "fields": fields}
        case bool():
            return "boolean"
        case int():
            return "long"
        case _:
            return ["null", "string"]


def _connect(value: object) -> dict[str, object]:
    match value:
        case dict():
            return struct_schema({name: _connect(each) for name, each in value.items()})
        case bool():
            return {"type": "boolean", "optional": False}
        case int():
            return {"type": "int64", "optional": False}
        case _:
            return {"type": "string", "optional": True}


if __name__ == "__main__":
    main()
