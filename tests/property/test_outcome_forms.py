"""Outcomes in both forms: whatever our code can say, Avro and JSON say alike, and it reads back."""

import orjson
from hypothesis import given
from hypothesis import strategies as st

from connector.domain.change import ChangeKind
from connector.domain.ids import LeadId, OutcomeId
from connector.domain.origin import Origin
from connector.domain.outcome import Action, Effect, LaneName, Latency, Outcome
from connector.domain.reason import Reason, Verdict
from connector.domain.result import Receipt
from connector.registry.own_schemas import OUTCOME, parsed_schema
from connector.stream.outcomes import Document, avro_encoder, decode, json_encoder

_LONGS = st.integers(-(2**63), 2**63 - 1)
_TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
_SPANS = st.none() | st.integers(0, 2**63 - 1)

_origins = st.builds(
    Origin,
    source=_TEXTS,
    topic=_TEXTS,
    topic_id=_TEXTS,
    partition=st.integers(0, 2**31 - 1),
    offset=st.integers(0, 2**63 - 1),
    timestamp=_LONGS,
    part=st.integers(1, 100),
    replay_id=st.none() | _TEXTS,
)
_effects = st.builds(
    Effect,
    place=_TEXTS,
    action=st.sampled_from(Action),
    contact_id=st.none() | _TEXTS,
    receipt=st.builds(Receipt, st.none() | st.integers(100, 599), st.none() | _TEXTS),
)
_outcomes = st.builds(
    Outcome,
    outcome_id=st.builds(OutcomeId, _TEXTS),
    origin=_origins,
    lead_id=st.none() | st.builds(LeadId, _TEXTS),
    change=st.none() | st.sampled_from(ChangeKind),
    verdict=st.sampled_from(Verdict),
    reason=st.none() | st.sampled_from(Reason),
    revision=st.none() | _TEXTS,
    effects=st.lists(_effects, max_size=3).map(tuple),
    attempts=st.integers(0, 2**31 - 1),
    lane=st.sampled_from(LaneName),
    batch_id=st.none() | _TEXTS,
    opt_out=st.none() | st.builds(OutcomeId, _TEXTS),
    latency=st.builds(Latency, _SPANS, _SPANS, _SPANS, _SPANS, _SPANS, _SPANS),
    decided_at=_LONGS,
    requests=st.integers(0, 2**31 - 1),
)


def _from_avro(value: bytes, schema_id: int) -> Document:
    def schema_of(asked: int) -> object:
        assert asked == schema_id
        return parsed_schema(OUTCOME)

    return decode(value, schema_of)


def _no_schema(asked: int) -> object:
    raise AssertionError(asked)


@given(outcome=_outcomes, schema_id=st.integers(0, 2**31 - 1), version=_TEXTS)
def test_both_forms_say_the_same(outcome: Outcome, schema_id: int, version: str) -> None:
    """Every outcome reads back from Avro as what its JSON says, under the id it was written by."""
    written = json_encoder(version)(outcome)
    read = decode(written, _no_schema)
    assert read == orjson.loads(written)
    assert _from_avro(avro_encoder(version, schema_id)(outcome), schema_id) == read
    assert read["outcome_id"] == outcome.outcome_id
    assert (read["verdict"], read["reason"]) == (outcome.verdict, outcome.reason)
    assert read["connector_version"] == version
