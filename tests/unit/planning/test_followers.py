"""What an opt-out hands on over changed keys, where its record has other changes beside it."""

import itertools
from dataclasses import replace

import pytest

from connector.cdc.decoding import Changes, Decoder
from connector.domain.change import LeadChange
from connector.stream import lead_changes
from tests.support.lead_changes import a_delete
from tests.support.one_lane import OneLane
from tests.support.records import a_record
from tests.support.salesforce import SALESFORCE

IDS = ["00Q5f000001AbCdEAK", "00Q5f000001AbCeEAK", "00Q5f000001AbCfEAK"]


def _opt_outs(ids: list[str]) -> tuple[LeadChange, ...]:
    header = {"entityName": "Lead", "changeType": "UPDATE", "changedFields": ["DoNotCall"]}
    value = {"ChangeEventHeader": header | {"recordIds": ids}, "DoNotCall": True}
    decoded = Decoder(SALESFORCE).decode(a_record(value), "topic-id")
    assert isinstance(decoded, Changes)
    return decoded.changes


def _handed_on(change: LeadChange, keys: int) -> list[str]:
    """Let the lead have changed its key so often; return the outcome ids, its own first."""
    ids = [str(change.origin.outcome_id)]
    for number in range(keys):
        lane = OneLane(lead=change.lead)
        gone = a_delete(0, moved_to=f"moved-{number}")
        lane.give(replace(gone, lead=change.lead, origin=replace(gone.origin, topic_id="keys")))
        lane.give(lead_changes.decode(lead_changes.encode(change)))
        ((change,),) = (done.follows for done in lane.done if done.follows)
        ids.append(change.origin.outcome_id)
    return ids


@pytest.mark.parametrize("named", [1, 2, 3])
def test_each_has_an_outcome_id_of_its_own(named: int) -> None:
    """Of the leads of one record every one has changed its key three times."""
    ids = [_handed_on(change, 3) for change in _opt_outs(IDS[:named])]
    told = list(itertools.chain(*ids))
    assert len(set(told)) == len(told) == 4 * named
    place = told[0]
    assert {each.removeprefix(place) for each in told} == {
        "",
        *(f"/{part}" for part in range(2, 4 * named + 1)),
    }


def test_a_chain_of_one_change_counts_on() -> None:
    """As contract.md section 4 has it."""
    (change,) = _opt_outs(IDS[:1])
    place, *rest = _handed_on(change, 2)
    assert rest == [f"{place}/2", f"{place}/3"]
