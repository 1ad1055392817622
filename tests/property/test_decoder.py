"""Laws of the decoder: whatever the bytes are, one of three answers, and nothing raised."""

import json
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from connector.cdc.decoding import Changes, Decoder, NotALeadChange, Unreadable
from connector.cdc.phones import PhoneReader
from connector.domain.change import LeadDelete, LeadOptOut, LeadUpsert, NumbersOptOut
from connector.domain.record import Record
from connector.planning.conditions import any_matches
from connector.planning.digest import Digests
from tests.support.records import a_record, envelope, flat, source_block
from tests.support.sources import DEBEZIUM, DEBEZIUM_FLAT, FLAT, NUMBERS

DECODERS = tuple(
    Decoder(spec, Digests(b"of a test"))
    for spec in (
        FLAT,
        DEBEZIUM,
        DEBEZIUM_FLAT,
        replace(NUMBERS, numbers=("phone_mobile", "phone_home"), when={}),
    )
)
FIELDS = (
    "lead_id",
    "first_name",
    "phone_mobile",
    "phone_home",
    "status",
    "do_not_call",
    "updated_at",
    "score",
    "op",
    "source",
    "before",
    "after",
    "schema",
    "payload",
    "__op",
    "__deleted",
    "__source_lsn",
    "__source_snapshot",
)
RAW = (
    b"1e400",
    b"0e-99999999999999999999",
    b"-0.0",
    b"1e-400",
    b"9" * 400,
    b"123456789012345678901.5",
    b"NaN",
    b'"\\ud800"',
    b'"\xff"',
    b"[" * 300 + b"]" * 300,
    b"[" * 990 + b"]" * 990,
    b"[" * 1200 + b"]" * 1200,
    b'"+12125550101"',
    b'"(212) 555-0101"',
    b"true",
    b"null",
)

scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=20),
    st.sampled_from(
        ["+12125550101", "212 555 0151", "12", "DNC_Requested", "Disqualified", "x" * 513]
    ),
)
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(FIELDS), inner, max_size=4)
    ),
    max_leaves=8,
)
rows = st.dictionaries(st.sampled_from(FIELDS), values, max_size=8)
envelopes = st.builds(
    lambda op, before, after, block: envelope(op, after, before) | {"source": block},
    st.sampled_from(["c", "u", "d", "r", "t", "m", "?"]),
    st.none() | rows,
    st.none() | rows,
    st.builds(
        lambda more: source_block(**more),
        st.dictionaries(
            st.sampled_from(
                ["snapshot", "lsn", "ts_us", "ts_ms", "file", "pos", "scn", "commit_lsn"]
            ),
            scalars,
        ),
    )
    | rows,
)
schemas = (
    st.none()
    | st.just(
        {"type": "struct", "fields": [{"field": "lead_id", "name": "io.debezium.time.Date"}]}
    )
    | rows
)
documents = st.one_of(
    rows,
    envelopes,
    values,
    st.builds(
        lambda schema, payload: {"schema": schema, "payload": payload},
        schemas,
        rows | envelopes | st.none(),
    ),
)


def _dumped(value: object) -> bytes:
    return json.dumps(value).encode()


def _spliced(field: str, raw: bytes, rest: dict[str, object]) -> bytes:
    """Write a row in which one field holds bytes that no writer of JSON would make."""
    end = _dumped(rest).removeprefix(b"{").removesuffix(b"}")
    return b'{"' + field.encode() + b'":' + raw + (b"," + end if end else b"") + b"}"


blobs = st.one_of(
    st.none(),
    st.binary(max_size=60),
    documents.map(_dumped),
    st.builds(_spliced, st.sampled_from(FIELDS), st.sampled_from(RAW), rows),
    st.builds(
        lambda data, at: data[: at % (len(data) + 1)], documents.map(_dumped), st.integers(0, 999)
    ),
)
headers = st.lists(
    st.tuples(st.sampled_from(["__debezium.newkey", "__debezium.oldkey", "__op", "x"]), blobs),
    max_size=3,
).map(tuple)
records = st.builds(a_record, blobs, blobs, headers)


@given(records)
def test_any_record_is_decoded_or_refused(record: Record) -> None:
    """Changes, nothing to say or a reason: every record is one of them and nothing is raised."""
    for decoder in DECODERS:
        decoded = decoder.decode(record, "topic-id")
        assert isinstance(decoded, Changes | NotALeadChange | Unreadable)
        if isinstance(decoded, Changes):
            assert decoded.changes
            leads = [change.lead for change in decoded.changes]
            assert len(set(leads)) == len(leads)
            assert [change.origin.part for change in decoded.changes] == [1, 2][: len(leads)]
            assert {change.origin.parts for change in decoded.changes} == {len(leads)}


@given(records)
def test_what_is_decoded_can_be_written_down(record: Record) -> None:
    """Ids, texts and fields are good UTF-8 and cells fit, so no later step chokes on them."""
    for decoder in DECODERS:
        decoded = decoder.decode(record, "topic-id")
        changes = decoded.changes if isinstance(decoded, Changes) else ()
        opt_out = decoded.opt_out if isinstance(decoded, Unreadable) else None
        for change in (*changes, *([opt_out] if opt_out else [])):
            change.lead.encode()
            assert change.lead.strip()
            if isinstance(change, LeadUpsert | LeadOptOut):
                "".join(change.row.fields.values()).encode()
                assert len(change.row.fields.get("first_name", "")) <= 512


@given(records)
def test_decoding_is_a_function_of_the_record(record: Record) -> None:
    """The same record means the same again, whatever was decoded between."""
    for decoder in DECODERS:
        first = decoder.decode(record, "topic-id")
        decoder.decode(flat("L-9", phone_mobile="+12125550199"), "topic-id")
        assert decoder.decode(record, "topic-id") == first


@given(rows)
def test_an_opt_out_in_a_row_that_names_a_lead_is_never_lost(row: dict[str, object]) -> None:
    """Whatever else the row holds, the flag makes an opt-out of the lead, flawed or not."""
    record = a_record(
        _dumped({**row, "lead_id": "L-1", "do_not_call": True, "more": float("nan")})
    )
    whole = a_record(_dumped({**row, "lead_id": "L-1", "do_not_call": True}))
    kept = {name: value for name, value in row.items() if name not in ("__op", "__deleted")}
    flattened = a_record(_dumped({**kept, "lead_id": "L-1", "do_not_call": True}))
    for each, decoder in (
        (record, DECODERS[0]),
        (whole, DECODERS[0]),
        (flattened, DECODERS[2]),
    ):
        decoded = decoder.decode(each, "topic-id")
        found = decoded.changes[0] if isinstance(decoded, Changes) else None
        opt_out = decoded.opt_out if isinstance(decoded, Unreadable) else found
        assert isinstance(opt_out, LeadOptOut)
        assert opt_out.lead == "L-1"


@given(rows, st.sampled_from(["c", "u", "r"]))
def test_a_row_that_opts_nobody_out_never_does(row: dict[str, object], op: str) -> None:
    """No opt-out is made of anything but a matching field of the row as it is now."""
    row = {**row, "lead_id": "L-1"}
    texts = {name: str(value).lower() for name, value in row.items() if value is not None}
    if any_matches(FLAT.opt_out, texts):
        return
    before = {**row, "do_not_call": True}
    for record, decoder in (
        (a_record(_dumped(row)), DECODERS[0]),
        (a_record(_dumped(envelope(op, row, before))), DECODERS[1]),
        (a_record(_dumped(envelope("d", None, before))), DECODERS[1]),
        (a_record(_dumped(row)), DECODERS[2]),
        (a_record(_dumped({**before, "__deleted": "true"})), DECODERS[2]),
    ):
        decoded = decoder.decode(record, "topic-id")
        changes = decoded.changes if isinstance(decoded, Changes) else ()
        assert not any(isinstance(each, LeadOptOut | NumbersOptOut) for each in changes)
        assert not (isinstance(decoded, Unreadable) and decoded.opt_out)


@given(st.text(max_size=400))
def test_any_text_is_a_number_or_none(text: str) -> None:
    """Reading raises nothing, and what is read reads as itself again."""
    reader = PhoneReader("US")
    number = reader.read(text)
    if number is not None:
        assert number.startswith("+")
        assert number[1:].isdigit()
        assert reader.read(number) == number


@given(st.text(min_size=1, max_size=30))
def test_a_tombstone_deletes_the_lead_that_its_rows_named(lead: str) -> None:
    """Key and row name the same lead, however the key is written."""
    row = DECODERS[0].decode(a_record({"lead_id": lead}), "topic-id")
    for key in (_dumped({"lead_id": lead}), _dumped(lead)):
        gone = DECODERS[0].decode(a_record(None, key), "topic-id")
        if isinstance(row, Changes):
            assert isinstance(gone, Changes)
            assert isinstance(gone.changes[0], LeadDelete)
            assert gone.changes[0].lead == row.changes[0].lead
        else:
            assert isinstance(gone, Unreadable)
