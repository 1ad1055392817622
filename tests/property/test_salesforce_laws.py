"""Laws of Salesforce's envelope: whatever comes is a change or a reason, and updates stay partial."""

import json
from collections.abc import Mapping, Sequence

from hypothesis import given
from hypothesis import strategies as st

from connector.cdc.decoding import Changes, Decoder, NotALeadChange, SchemaWanted, Unreadable
from connector.cdc.salesforce_names import own_name
from connector.domain.change import LeadChange, LeadOptOut, LeadUpsert
from connector.domain.record import Record
from connector.planning.digest import Digests
from tests.support.records import a_record
from tests.support.salesforce import LAYOUTS, SALESFORCE, corpus

DECODER = Decoder(SALESFORCE, Digests(b"of a test"))
LINES = corpus(*LAYOUTS)
IDS = ("00Q5f000001AbCdEAK", "00Q5f000001AbCeEAK", "00Q*", "000000000000000AAA", "x", "\ud800")
FIELDS = (
    *("FirstName", "Name", "Name.FirstName", "LastName", "MobilePhone", "Phone", "Status"),
    *("State", "Address", "Address.State", "Description", "DoNotCall", "Company", "Score__c"),
)
WORDS = (
    *("Lead", "Contact", "CREATE", "UPDATE", "DELETE", "UNDELETE", "GAP_UPDATE", "GAP_OVERFLOW"),
    *("SNAPSHOT", "0x0C20", "1-0x02", "0x" + "F" * 99, "999999999-0x1", "string", "diff", "Id"),
    *("data", "payload", "schema", "ChangeEventHeader", "com.sforce.eventbus.Address"),
)

scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=9),
    st.sampled_from((*IDS, *FIELDS, *WORDS, "+12125550101", "{", '{"FirstName": "x"}')),
)
names = st.sampled_from((*FIELDS, *WORDS))
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=4),
    max_leaves=8,
)
HEADER_FIELDS = (
    *("entityName", "recordIds", "changeType", "changedFields", "nulledFields", "diffFields"),
    *("commitNumber", "commitTimestamp", "sequenceNumber"),
)
bodies = st.dictionaries(st.sampled_from(FIELDS), values, max_size=6)


def _header(fields: Mapping[str, object], ids: list[str], kind: str) -> dict[str, object]:
    usual = {"entityName": "Lead", "changeType": kind, "recordIds": ids}
    return {**usual, "changedFields": ["Status", "DoNotCall"], **fields}


headers = st.builds(
    _header,
    st.dictionaries(st.sampled_from(HEADER_FIELDS), values, max_size=3),
    st.lists(st.sampled_from(IDS), max_size=3),
    st.sampled_from(WORDS),
)
documents = st.one_of(
    values,
    st.builds(
        lambda header, body: {**body, "ChangeEventHeader": header}, headers | values, bodies
    ),
    st.builds(lambda event: {"payload": event}, bodies),
)


@st.composite
def mutants(draw: st.DrawFn) -> bytes:
    """Change a byte of a line of the corpus, or leave out what follows it."""
    line = draw(st.sampled_from(LINES))
    data = bytearray(json.dumps(line.value).encode())
    at = draw(st.integers(0, len(data) - 1))
    if draw(st.booleans()):
        return bytes(data[:at])
    data[at] = draw(st.integers(0, 255))
    return bytes(data)


def _dumped(value: object) -> bytes:
    return json.dumps(value).encode()


blobs = st.none() | st.binary(max_size=40) | documents.map(_dumped) | mutants()
kafka_headers = st.lists(
    st.tuples(
        st.sampled_from(
            ["source.operation", "source.changed.fields", "sf.change.type", "sf.entity"]
        ),
        st.none() | st.binary(max_size=9) | st.sampled_from(WORDS).map(str.encode),
    ),
    max_size=4,
).map(tuple)
records = st.builds(a_record, blobs, blobs, kafka_headers)


def _said(decoded: Changes | Unreadable) -> Sequence[LeadChange]:
    return decoded.changes if isinstance(decoded, Changes) else decoded.opt_outs


@given(records)
def test_any_record_is_a_change_or_a_reason(record: Record) -> None:
    """Nothing is raised; each lead is named once, and its outcomes are numbered from 1."""
    decoded = DECODER.decode(record, "topic-id")
    if isinstance(decoded, NotALeadChange):
        return
    assert not isinstance(decoded, SchemaWanted)
    told = [(each.lead, each.origin.part) for each in _said(decoded)]
    if isinstance(decoded, Unreadable):
        leads = [decoded.lead, *decoded.also]
        assert len(set(leads)) == len(leads)
        assert len(told) in (0, len(leads))
        assert decoded.text
    assert len({lead for lead, _ in told}) == len(told)
    assert [part for _, part in told] == [*range(1, len(told) + 1)]
    assert all(lead.encode() and lead.strip() for lead, _ in told)
    assert DECODER.decode(record, "topic-id") == decoded


@given(bodies, st.lists(st.sampled_from(FIELDS), max_size=5), st.sampled_from(IDS[:2]))
def test_an_update_carries_only_what_it_names(
    body: dict[str, object], changed: list[str], lead: str
) -> None:
    """Whatever else stands in the event is no change; a bare compound names its parts."""
    header = _header({"changedFields": changed}, [lead], "UPDATE")
    decoded = DECODER.decode(a_record(_dumped({**body, "ChangeEventHeader": header})), "id")
    compounds = {"Name": {"FirstName", "LastName"}, "Address": {"State"}}
    named = {own_name(each) for each in changed}
    named |= {part for each in changed for part in compounds.get(each, set())}
    if isinstance(decoded, Changes):
        (change,) = decoded.changes
        assert isinstance(change, LeadUpsert | LeadOptOut)
        assert not change.row.whole
        assert {own_name(each) for each in change.row.fields} <= named


@given(bodies, st.lists(st.sampled_from(IDS[:2]), min_size=1, max_size=2, unique=True))
def test_an_opt_out_is_never_lost(body: dict[str, object], ids: list[str]) -> None:
    """Whatever else the event holds, the named flag makes an opt-out of each of its leads."""
    fields = {"changedFields": [*body, "DoNotCall"]}
    for kind in ("CREATE", "UPDATE", "UNDELETE", "SNAPSHOT"):
        header = _header(fields, ids, kind)
        event = {**body, "DoNotCall": True, "ChangeEventHeader": header}
        decoded = DECODER.decode(a_record(_dumped(event)), "id")
        assert isinstance(decoded, Changes | Unreadable)
        assert all(isinstance(each, LeadOptOut) for each in _said(decoded))
        assert [each.lead for each in _said(decoded)] == ids


@given(bodies)
def test_what_is_not_named_opts_nobody_out(body: dict[str, object]) -> None:
    """An enriched flag proves no change."""
    header = _header({"changedFields": ["Status"]}, [IDS[0]], "UPDATE")
    event = {**body, "DoNotCall": True, "ChangeEventHeader": header}
    decoded = DECODER.decode(a_record(_dumped(event)), "id")
    assert isinstance(decoded, Changes | Unreadable)
    assert not any(isinstance(each, LeadOptOut) for each in _said(decoded))
