"""Which permission a call needs, and what an answer says of having it."""

import json
import re

import pytest

from connector.domain.result import Receipt
from connector.genesys.answer import (
    Answer,
    Applied,
    Busy,
    Collided,
    Doubted,
    Environment,
    Missing,
    Throttled,
    TokenSpent,
    Unavailable,
    Unclear,
    Unfit,
)
from connector.genesys.asking import Told
from connector.genesys.call import Call
from connector.genesys.permissions import PERMISSIONS, Standing, permitted
from connector.genesys.requests import idle_request
from connector.ops.permission_checks import ALWAYS
from connector.planning.gates import GateReason
from tests.unit.test_architecture import ROOT

NOBODY = "00000000-0000-4000-8000-00000000beef"
IDLE = (*ALWAYS, Call.DELETE_CONTACTS, Call.POST_NUMBERS, Call.PUT_CAMPAIGN)


def test_every_call_but_a_token_needs_a_permission() -> None:
    """A new call is not there until its permission was looked up."""
    assert PERMISSIONS.keys() == set(Call) - {Call.TOKEN}


def test_the_page_names_every_permission() -> None:
    """Whoever makes the role reads it there, and gives no more."""
    page = (ROOT / "docs" / "permissions.md").read_text(encoding="utf-8")
    named = re.findall(r"^\| `(outbound:\w+:\w+)` \|", page, flags=re.MULTILINE)
    assert len(named) == len(set(named))
    assert set(named) == set(PERMISSIONS.values())


@pytest.mark.parametrize(
    ("answer", "standing"),
    [
        (Applied(), Standing.NOT_REFUSED),
        (Missing(), Standing.NOT_REFUSED),
        (Doubted(), Standing.NOT_REFUSED),
        (Busy(), Standing.NOT_REFUSED),
        (Collided(None), Standing.NOT_REFUSED),
        (Unfit("contact.missing.data"), Standing.NOT_REFUSED),
        (Environment(GateReason.LIMIT, "contacts.per.org.limit.exceeded"), Standing.NOT_REFUSED),
        (Environment(GateReason.PERMISSION, "missing.permissions"), Standing.REFUSED),
        (Environment(GateReason.CREDENTIALS, None), Standing.UNKNOWN),
        (Environment(GateReason.OUTAGE, None), Standing.UNKNOWN),
        (TokenSpent(None), Standing.UNKNOWN),
        (Throttled(3.0), Standing.UNKNOWN),
        (Unavailable(), Standing.UNKNOWN),
        (Unclear(), Standing.UNKNOWN),
    ],
    ids=repr,
)
def test_only_a_403_says_that_a_permission_lacks(answer: Answer, standing: Standing) -> None:
    """What the platform looked at was permitted; what did not come to it is not known."""
    assert permitted(Told(answer, Receipt(499))).standing is standing


def test_what_the_platform_said_is_told() -> None:
    """Its code, else the failure, else the status."""
    denied = Environment(GateReason.PERMISSION, "missing.division.permission")
    assert permitted(Told(denied, Receipt(403))).code == "missing.division.permission"
    assert permitted(Told(Unclear(), broken="Timeout")).code == "Timeout"
    assert permitted(Told(Unavailable(), Receipt(503))).code == "HTTP 503"


@pytest.mark.parametrize("call", IDLE)
def test_a_request_for_nothing_can_change_nothing(call: Call) -> None:
    """It names nobody or nothing; a row or a campaign that it would write has not one field."""
    asked = idle_request(call, "a/b", NOBODY)
    assert asked.call is call
    assert asked.commands == asked.inserts == 0
    body = None if asked.body is None else json.loads(asked.body)
    assert body in (None, [], {}, [NOBODY])
    named = {NOBODY} & {
        *asked.path.split("/"),
        *(value for _, value in asked.query),
        *(body or []),
    }
    assert named or body == []
    assert "a/b" not in asked.path


@pytest.mark.parametrize("call", [each for each in Call if each not in IDLE])
def test_no_other_call_is_asked_for_nothing(call: Call) -> None:
    """A look is its own answer."""
    with pytest.raises(ValueError, match="by its answer"):
        idle_request(call, "list", NOBODY)
