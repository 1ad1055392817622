"""How full a contact list is, and from when on that wants a person."""

import pytest

from connector.planning.fill import MOST_CONTACTS, Alarm, alarm, fill


@pytest.mark.parametrize(
    ("contacts", "expected"),
    [
        (0, Alarm.NONE),
        (799_999, Alarm.NONE),
        (800_000, Alarm.FILLING),
        (949_999, Alarm.FILLING),
        (950_000, Alarm.NEARLY_FULL),
        (1_000_000, Alarm.NEARLY_FULL),
        (1_000_001, Alarm.NEARLY_FULL),
    ],
)
def test_a_list_becomes_loud_at_80_and_at_95_percent(contacts: int, expected: Alarm) -> None:
    """To the contact, of the million that the platform takes (genesys-api.md section 3.4)."""
    assert alarm(contacts) is expected
    assert fill(contacts) == contacts / 1_000_000
    assert MOST_CONTACTS == 1_000_000
