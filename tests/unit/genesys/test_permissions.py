"""Which permission a call needs, and what an answer says of having it."""

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
from connector.planning.gates import GateReason
from tests.unit.test_architecture import ROOT


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
