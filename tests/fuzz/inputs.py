"""Make the inputs of the fuzzer: each of its seed and number alone, so that one can be made again."""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from connector.cdc.avro import NoSchema
from connector.cdc.avro_schema import AvroSchema, read_schema
from connector.cdc.decoding import ENCODINGS, ENVELOPES, Decoder
from connector.cdc.source import Role, SourceSpec
from connector.domain.reason import Reason
from connector.domain.record import Record
from connector.planning.digest import Digests
from tests.fuzz.giants import giant
from tests.fuzz.odd_schemas import a_value, odd_schemas
from tests.support import salesforce
from tests.support.mutation import Mutation
from tests.support.recordings import AVRO_RECORDINGS, RECORDINGS, recorded_schemas, recording
from tests.support.records import a_record
from tests.support.sources import FLAT, NUMBERS, RECORDED

UNKNOWN = (7_000_001, 0xFFFFFFFF)
"""Ids of schemas that nothing is known of yet."""
_REFUSED = NoSchema(Reason.SCHEMA_UNKNOWN, "the registry does not know it")
_BY_HAND = 100_000
"""Added to the ids of the Salesforce corpus, which are small."""
_ODD = 200_000
_ODD_SCHEMAS = 150
_SCHEMAS_OF = {
    "a": (salesforce.NATIVE, salesforce.MOVED, salesforce.FOREIGN),
    "c": (salesforce.CONNECT,),
}
"""Layout of the corpus → the schemas that its events are written with."""
_GIANTS = 0.0005
"""Share of the inputs that are as large as the broker lets them be."""


@dataclass(frozen=True, slots=True)
class Seed:
    """A record that somebody wrote, and how it is read."""

    record: Record
    envelope: str
    encoding: str


@dataclass(frozen=True, slots=True)
class Input:
    """A record and how it is to be read."""

    record: Record
    envelope: str
    encoding: str
    role: Role


class Inputs:
    """All inputs of one *seed*, and the decoders that read them."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        rng = random.Random(f"{seed}: schemas")
        self._known = _schemas(rng)
        self._corpora = (*_recorded(), _of_salesforce(), self._odd(rng))
        seeds = [seed for corpus in self._corpora for seed in corpus]
        self._others = [seed.record.value for seed in seeds if seed.record.value]
        self._decoders = {
            (envelope, encoding, role): Decoder(
                _spec(envelope, encoding, role), Digests(b"of a test"), self._lookup
            )
            for envelope in ENVELOPES
            for encoding in ENCODINGS
            for role in Role
        }

    def made(self, number: int) -> Input:
        """Return the input of this number."""
        rng = random.Random(f"{self._seed}/{number}")
        seed = rng.choice(rng.choice(self._corpora))
        ids = (*self._known, *UNKNOWN)
        mutation = Mutation(rng, self._others, ids)
        role = rng.choice((Role.LEADS, *Role))
        chance = rng.random()
        if chance < _GIANTS:
            return Input(giant(rng), rng.choice([*ENVELOPES]), "json", role)
        if chance < 0.05:
            key = mutation.noise(30) if rng.random() < 0.5 else None
            record = a_record(mutation.noise(), key)
            return Input(record, rng.choice([*ENVELOPES]), rng.choice([*ENCODINGS]), role)
        record = mutation.record(seed.record)
        if chance < 0.85:
            return Input(record, seed.envelope, seed.encoding, role)
        return Input(record, rng.choice([*ENVELOPES]), rng.choice([*ENCODINGS]), role)

    def decoder(self, made: Input) -> Decoder:
        """Return the decoder that reads the input."""
        return self._decoders[made.envelope, made.encoding, made.role]

    def _lookup(self, schema_id: int) -> AvroSchema | NoSchema | None:
        known = self._known.get(schema_id)
        return known if known or schema_id in UNKNOWN else _REFUSED

    def _odd(self, rng: random.Random) -> Sequence[Seed]:
        found = []
        for schema_id, schema in self._known.items():
            for _ in range(4 if schema_id >= _ODD else 0):
                value = b"\0" + schema_id.to_bytes(4, "big") + a_value(rng, schema)
                found.append(Seed(a_record(value, value), rng.choice([*ENVELOPES]), "avro"))
        return found


def _schemas(rng: random.Random) -> Mapping[int, AvroSchema]:
    by_hand = {
        _BY_HAND + schema_id: read_schema(text) for schema_id, text in salesforce.schemas().items()
    }
    odd = dict(enumerate(odd_schemas(rng, _ODD_SCHEMAS), _ODD))
    return {**recorded_schemas(), **by_hand, **odd}


def _recorded() -> Iterator[Sequence[Seed]]:
    """Yield the recordings, and their rows alone too: those are flat records."""
    for name, envelope in (*RECORDINGS.items(), ("pg-flattened-json", "flat")):
        yield [Seed(each.record, envelope, "json") for each in recording(name)]
    for name in AVRO_RECORDINGS:
        yield [Seed(each.record, "debezium", "avro") for each in recording(name)]


def _of_salesforce() -> Sequence[Seed]:
    found = []
    for line in salesforce.corpus(*salesforce.LAYOUTS):
        found.append(Seed(line.record(), "salesforce", "json"))
        for schema_id in _SCHEMAS_OF.get(line.layout, ()):
            if line.says == "JSON with its schema":
                continue
            record = line.record(schema_id)
            body = (record.value or b"")[5:]
            value = b"\0" + (_BY_HAND + schema_id).to_bytes(4, "big") + body
            found.append(Seed(replace(record, value=value), "salesforce", "avro"))
    return found


def _spec(envelope: str, encoding: str, role: Role) -> SourceSpec:
    if envelope == "salesforce":
        spec, numbers = salesforce.SALESFORCE, ("MobilePhone", "Phone")
    else:
        spec, numbers = (FLAT if envelope == "flat" else RECORDED), ("phone_mobile", "phone_home")
    if role is Role.NUMBERS:
        return replace(NUMBERS, envelope=envelope, encoding=encoding, numbers=numbers, when={})
    return replace(spec, envelope=envelope, encoding=encoding, role=role)
