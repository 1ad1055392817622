"""What a partial update of an opted-out lead says of its consent."""

from dataclasses import replace

import pytest

from connector.domain.belief import Mark, OptOutBelief
from connector.domain.change import Row
from connector.domain.ids import OutcomeId
from connector.domain.reason import Reason
from connector.planning.conditions import condition
from connector.planning.opted_out import suppression
from tests.support.lane_world import a_policy
from tests.support.lead_changes import an_upsert

OPTED_OUT, REVIEW = Reason.OPTED_OUT, Reason.RECONSENT_NEEDS_REVIEW
FLAGS = condition({"DoNotCall": [True], "Status": ["DNC"]})


@pytest.mark.parametrize(
    ("fields", "whole", "reason"),
    [
        ({"DoNotCall": "false"}, False, REVIEW),
        ({"Status": "Working"}, False, REVIEW),
        ({"name": "Bea"}, False, OPTED_OUT),
        ({"Status": ""}, False, OPTED_OUT),
        ({"Status": "", "DoNotCall": ""}, False, OPTED_OUT),
        ({"name": "Bea"}, True, REVIEW),
    ],
)
def test_consent_is_a_flag_that_is_named_with_a_value(
    *, fields: dict[str, str], whole: bool, reason: Reason
) -> None:
    """One that is named without a value may be hidden from who told of it."""
    policy = a_policy()
    sources = {name: replace(each, opt_out=FLAGS) for name, each in policy.sources.items()}
    change = an_upsert(11, Row(fields, whole=whole))
    mark = Mark(change.origin.topic_id, 0, 10, source=change.origin.source)
    opt_out = OptOutBelief(1, OutcomeId("crm/0/10"), (mark,))
    assert suppression(change, opt_out, replace(policy, sources=sources)) is reason
