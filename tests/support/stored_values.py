"""Hypothesis strategies for what our own topics hold: changes, beliefs, outcomes."""

from hypothesis import strategies as st

from connector.domain.belief import (
    Belief,
    ContactBelief,
    LiftBelief,
    ListBelief,
    Mark,
    OptOutBelief,
    QuarantinedBy,
)
from connector.domain.change import (
    Flaw,
    LeadChange,
    LeadDelete,
    LeadOptOut,
    LeadQuarantine,
    LeadUpsert,
    NumbersOptOut,
    OptOutLift,
    Row,
)
from connector.domain.ids import (
    ContactId,
    Digest,
    DncListId,
    LeadId,
    ListId,
    OutcomeId,
    PhoneNumber,
)
from connector.domain.origin import Origin
from connector.domain.reason import Reason, Stage
from connector.domain.revision import Position, Revision

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
"""Any text that Unicode allows; lone surrogates never come out of the record decoders."""

offsets = st.integers(0, 2**63 - 1)
moments = st.integers(-1, 2**45)
leads = texts.map(LeadId)

revisions = st.builds(
    Revision,
    position=st.none()
    | st.builds(
        Position,
        kind=texts,
        at=st.lists(st.integers(0, 2**80), max_size=3).map(tuple),
    ),
    commit_time=st.none() | moments,
    named=st.none() | texts,
    snapshot=st.booleans(),
)

origins = st.builds(
    Origin,
    source=texts,
    topic=texts,
    topic_id=texts,
    partition=st.integers(0, 2**31 - 1),
    offset=offsets,
    timestamp=moments,
    part=st.integers(1, 9),
    replay_id=st.none() | texts,
    parts=st.integers(1, 9),
)

rows = st.builds(
    Row,
    fields=st.dictionaries(texts, texts, max_size=4),
    whole=st.booleans(),
    dropped=st.booleans(),
)

numbers = st.frozensets(
    st.integers(10**6, 10**15 - 1).map(lambda digits: PhoneNumber(f"+{digits}")), max_size=3
)

flaws = st.none() | st.builds(Flaw, st.sampled_from(Reason), st.sampled_from(Stage))

_of_lead = {"lead": leads, "origin": origins, "revision": revisions}

changes: st.SearchStrategy[LeadChange] = st.one_of(
    st.builds(LeadUpsert, row=rows, **_of_lead),
    st.builds(LeadQuarantine, row=rows, **_of_lead),
    st.builds(
        LeadOptOut,
        row=rows,
        numbers=numbers,
        flaw=flaws,
        cause=st.none() | texts.map(OutcomeId),
        **_of_lead,
    ),
    st.builds(LeadDelete, moved_to=st.none() | leads, tombstone=st.booleans(), **_of_lead),
    st.builds(NumbersOptOut, numbers=numbers, flaw=flaws, **_of_lead),
    st.builds(OptOutLift, at=moments, **_of_lead),
)

marks = st.lists(
    st.builds(
        Mark,
        topic_id=texts,
        partition=st.integers(0, 999),
        offset=offsets,
        revision=revisions,
        source=texts,
    ),
    max_size=3,
).map(tuple)

contacts = st.builds(
    ContactBelief,
    id=texts.map(ContactId),
    digest=st.none() | texts.map(Digest),
    callable=st.none() | st.booleans(),
    by=st.none() | st.sampled_from(QuarantinedBy),
    since=st.none() | moments,
)

list_beliefs = st.builds(
    ListBelief,
    contacts=st.lists(contacts, max_size=2).map(tuple),
    looked=st.booleans(),
    routed=st.booleans(),
    deferred=st.booleans(),
)

opt_outs = st.builds(
    OptOutBelief,
    since=moments,
    by=texts.map(OutcomeId),
    marks=marks,
    blocked=st.frozensets(st.tuples(texts.map(DncListId), texts.map(Digest)), max_size=4),
)

lifts = st.builds(LiftBelief, at=moments, covers=marks)

beliefs = st.builds(
    Belief,
    marks=marks,
    lists=st.dictionaries(texts.map(ListId), list_beliefs, max_size=3),
    deleted=st.booleans(),
    disqualified=st.booleans(),
    moved_to=st.none() | leads,
    reconsent=st.none() | texts.map(OutcomeId),
    opt_out=st.none() | opt_outs,
    lift=st.none() | lifts,
)
