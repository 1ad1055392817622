"""The last line of defence: numbers and addresses are masked, what operators need is not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.telemetry.redaction import EMAIL_MASK, NUMBER_MASK, masked, redact


@pytest.mark.parametrize(
    "text",
    [
        "+15551234567",
        "+1 (555) 555-0100",
        "(555) 555-0100",
        "555-555-0100",
        "555.555.0100",
        "+1 555 555 0100",
        "5555550100",
        "15555550100",
        "+442079460958",
        "+49 30 901820",
        "+972-50-123-4567",
        "tel=5555550100,",
        '{"phone": "555-555-0100"}',
        "refused: (555) 555-0100.",
    ],
)
def test_a_number_is_masked(text: str) -> None:
    """However it is written, no digits of a number are left."""
    clean = masked(text)
    assert NUMBER_MASK in clean
    assert not any(each.isdigit() for each in clean)


@pytest.mark.parametrize(
    "text",
    [
        "crm.public.crm_lead/0/1234567890",
        "2026-09-21T10:00:00.123456Z",
        "2026-09-21 10:00:00,123",
        "00000000-0000-0000-0000-000000000001",
        "3f2504e0-4f89-11d3-9a0c-0305e82c3301",
        "127.0.0.1:9092",
        "192.168.100.200",
        "expected offset 7, got 8",
        "lead-connector-lead-state-changelog",
        "took 0.123456789 s",
        "HTTP 409 after 10000 ms",
    ],
)
def test_what_operators_need_stays(text: str) -> None:
    """Coordinates, times, ids and addresses of machines are not numbers of people."""
    assert masked(text) == text


@pytest.mark.parametrize("text", ["ada@example.com", "x a.b+c@mail.example.co.uk y"])
def test_an_address_is_masked(text: str) -> None:
    """No e-mail address passes."""
    assert EMAIL_MASK in masked(text)
    assert "@" not in masked(text)


def test_a_line_is_masked_in_depth_and_ids_are_kept() -> None:
    """Nested values are masked too; fields that hold ids are not, whatever they look like."""
    entry = {
        "event": "batch.refused",
        "lead": "5555550100",
        "source": "crm.leads/0/5555550100",
        "offset": 5555550100,
        "detail": {"cells": ["555-555-0100", b"ada@example.com"], "lead_id": "5555550100"},
        "failure": ValueError("+15555550100"),
        "count": None,
    }
    assert redact(None, "info", entry) == {
        "event": "batch.refused",
        "lead": "5555550100",
        "source": "crm.leads/0/5555550100",
        "offset": 5555550100,
        "detail": {"cells": [NUMBER_MASK, f"b'{EMAIL_MASK}'"], "lead_id": "5555550100"},
        "failure": NUMBER_MASK,
        "count": None,
    }


@given(
    country=st.sampled_from(["1", "44", "49", "972"]),
    digits=st.text("0123456789", min_size=8, max_size=11),
    before=st.sampled_from(["", "x ", '"', "=", ": "]),
    after=st.sampled_from(["", " x", '"', ",", "."]),
)
def test_an_international_number_never_passes(
    country: str, digits: str, before: str, after: str
) -> None:
    """What stands in E.164 is masked wherever it stands."""
    assert digits not in masked(f"{before}+{country}{digits}{after}")
