"""Dead letters: the record untouched, the reason in headers, cut only where nothing else helps."""

from itertools import pairwise

import pytest

from connector.domain.dead_letter import DeadLetter
from connector.domain.ids import LeadId
from connector.domain.reason import Reason, Stage
from connector.domain.record import Headers, Record
from connector.domain.result import Receipt
from connector.stream import dead_letters
from connector.stream.dead_letters import Letter, cut

_HEADERS: Headers = (("h", b"\xff\x00"), ("h", None), ("connector.reason", b"theirs"))


def _letter(value: bytes | None = b"\x00raw", key: bytes | None = b"k") -> DeadLetter:
    record = Record("crm", 3, 4711, 1_790_000_000_123, key, value, _HEADERS)
    return DeadLetter(record, Reason.UNDECODABLE, Stage.DECODE, "not JSON", 1_790_000_000_000)


def test_the_record_is_untouched_and_the_reason_stands_behind() -> None:
    """Key, value and headers are the record's to the byte; ours follow, only those known."""
    letter = dead_letters.encode(_letter(), "1.2.3")
    assert (letter.key, letter.value) == (b"k", b"\x00raw")
    assert letter.headers == (
        *_HEADERS,
        ("connector.reason", b"undecodable"),
        ("connector.text", b"not JSON"),
        ("connector.stage", b"decode"),
        ("connector.attempts", b"0"),
        ("connector.source", b"crm/3/4711"),
        ("connector.first_seen", b"2026-09-21T14:13:20.000Z"),
        ("connector.version", b"1.2.3"),
    )


def test_what_the_platform_said_is_told() -> None:
    """Status, correlation id, lead and attempts are in the headers where they are known."""
    sent = DeadLetter(
        _letter().record,
        Reason.REFUSED_BY_PLATFORM,
        Stage.SEND,
        "Grade: too long",
        0,
        LeadId("Zoë"),
        attempts=3,
        receipt=Receipt(400, "corr-1"),
    )
    told = dict(dead_letters.encode(sent, "1").ours)
    assert told["connector.lead_id"] == "Zoë".encode()
    assert told["connector.http_status"] == b"400"
    assert told["connector.correlation_id"] == b"corr-1"
    assert told["connector.attempts"] == b"3"
    assert told["connector.stage"] == b"send"


@pytest.mark.parametrize("value", [None, b""])
def test_a_null_stays_null(value: bytes | None) -> None:
    """A tombstone and an empty value are kept apart."""
    letter = dead_letters.encode(_letter(value, key=None), "1")
    assert letter.value == value
    assert letter.key is None


def _cuts(letter: Letter | None) -> list[Letter]:
    made = []
    while letter is not None:
        made.append(letter)
        letter = cut(letter)
    return made


@pytest.mark.parametrize(
    ("value", "key"),
    [(b"v" * 9_000_000, b"k"), (b"v", b"k" * 3_000_000), (None, None), (b"", b"")],
)
def test_a_letter_is_cut_until_it_fits(value: bytes | None, key: bytes | None) -> None:
    """Each cut is shorter, about half, and at the end the reason is left."""
    first, *rest = _cuts(dead_letters.encode(_letter(value, key), "1"))
    sizes = [first.size, *(each.size for each in rest)]
    assert all(later < sooner + 100 for sooner, later in pairwise(sizes))
    assert len(sizes) < 40
    last = rest[-1]
    assert last.size < 1_000
    assert last.original == ()
    assert dict(last.ours)["connector.reason"] == b"undecodable"
    assert first.value == value
    for each in rest:
        left = len(each.value or b"")
        total = len(value or b"")
        told = dict(each.ours)["connector.truncated"]
        assert told == f"{left} of {total} bytes of the value are here".encode()
        assert (each.value is None) == (value is None)
        assert (value or b"").startswith(each.value or b"")


def test_one_cut_leaves_half() -> None:
    """A value of two megabytes is cut to one, so that a default broker takes it."""
    once = cut(dead_letters.encode(_letter(b"v" * 2_000_000), "1"))
    assert once is not None
    assert len(once.value or b"") == pytest.approx(1_000_000, abs=300)
    assert [name for name, _ in once.ours].count("connector.truncated") == 1
    assert once.original == _HEADERS


def test_no_repr_shows_the_record() -> None:
    """What the record holds does not stand in a repr."""
    assert "raw" not in repr(dead_letters.encode(_letter(), "1"))
