"""An opt-out is honoured even where the rest of its record is bad (design.md section 4)."""

import pytest

from connector.cdc.decoding import Decoder
from connector.domain.change import Flaw, LeadOptOut, NumbersOptOut
from connector.domain.reason import Reason, Stage
from connector.domain.record import Record
from connector.planning.digest import Digests
from tests.support.decoded import one, refused
from tests.support.records import a_record, debezium, flat
from tests.support.sources import DEBEZIUM, FLAT

DIGESTS = Digests(b"of a test")
MOBILE = "+12125550101"
HOME = "+12125550151"


def _honoured(record: Record, reason: Reason, stage: Stage = Stage.VALIDATE) -> LeadOptOut:
    """Return the opt-out of a refused record; reason and stage stand in both."""
    unreadable = refused(Decoder(FLAT, DIGESTS).decode(record, "topic-id"))
    assert (unreadable.reason, unreadable.stage) == (reason, stage)
    assert isinstance(unreadable.opt_out, LeadOptOut)
    assert unreadable.opt_out.flaw == Flaw(reason, stage)
    return unreadable.opt_out


def test_numbers_that_are_all_bad_do_not_stop_it() -> None:
    """The lead is known, so its contacts can be quarantined."""
    opt_out = _honoured(flat("L-1", do_not_call=True, phone_mobile="12"), Reason.PHONE_INVALID)
    assert (opt_out.lead, opt_out.numbers) == ("L-1", frozenset())


def test_one_good_number_makes_it_a_plain_opt_out() -> None:
    """A bad number beside a good one is dropped, as it is from any row."""
    record = flat("L-1", do_not_call=True, phone_mobile="12", phone_home=HOME)
    opt_out = one(Decoder(FLAT).decode(record, "topic-id"), LeadOptOut)
    assert opt_out.numbers == {HOME}
    assert opt_out.row.dropped
    assert opt_out.flaw is None


def test_a_value_too_long_does_not_stop_it() -> None:
    """Its numbers are blocked; the value itself goes nowhere."""
    record = flat("L-1", do_not_call=True, phone_mobile=MOBILE, first_name="x" * 513)
    opt_out = _honoured(record, Reason.VALUE_TOO_LONG)
    assert opt_out.numbers == {MOBILE}
    assert "first_name" not in opt_out.row.fields


@pytest.mark.parametrize(
    "value",
    [
        b'{"lead_id":"L-1","do_not_call":true,"phone_mobile":"+12125550101","first_name":"Zo\xeb"}',
        b'{"lead_id":"L-1","do_not_call":true,"phone_mobile":"+12125550101","first_name":"\\ud83d"}',
        b'{"lead_id":"L-1","do_not_call":true,"phone_mobile":"+12125550101","score":NaN}',
        b'\xef\xbb\xbf{"lead_id":"L-1","do_not_call":true,"phone_mobile":"+12125550101"}',
    ],
)
def test_broken_characters_do_not_stop_it(value: bytes) -> None:
    """What can be read of an undecodable record is searched for an opt-out."""
    opt_out = _honoured(a_record(value, b"L-1"), Reason.UNDECODABLE, Stage.DECODE)
    assert (opt_out.lead, opt_out.numbers) == ("L-1", frozenset({MOBILE}))


def test_a_broken_record_that_opts_nobody_out_is_only_refused() -> None:
    """A mended row is never written."""
    value = b'{"lead_id":"L-1","do_not_call":false,"first_name":"Zo\xeb"}'
    assert refused(Decoder(FLAT).decode(a_record(value), "topic-id")).opt_out is None


@pytest.mark.parametrize("lead", [b'"Zo\xeb"', b'""', b"null"])
def test_without_a_lead_its_numbers_are_blocked(lead: bytes) -> None:
    """An id that is missing or broken leaves numbers without a lead, and the record rejected."""
    value = b'{"lead_id":' + lead + b',"do_not_call":1,"phone_mobile":"+12125550101"}'
    opt_out = refused(Decoder(FLAT, DIGESTS).decode(a_record(value), "topic-id")).opt_out
    assert isinstance(opt_out, NumbersOptOut)
    assert opt_out.numbers == {MOBILE}
    assert opt_out.lead == DIGESTS.lead_of(next(iter(opt_out.numbers)))
    broken = b"\xeb" in lead
    assert opt_out.flaw == Flaw(
        Reason.UNDECODABLE if broken else Reason.LEAD_ID_MISSING,
        Stage.DECODE if broken else Stage.VALIDATE,
    )


def test_without_lead_and_numbers_there_is_nothing_to_honour() -> None:
    """Nobody can be told from it."""
    record = a_record({"do_not_call": True})
    unreadable = refused(Decoder(FLAT, DIGESTS).decode(record, "topic-id"))
    assert (unreadable.reason, unreadable.opt_out) == (Reason.LEAD_ID_MISSING, None)


def test_without_digests_numbers_without_a_lead_have_no_name() -> None:
    """The record is refused only."""
    record = a_record({"do_not_call": True, "phone_mobile": MOBILE})
    assert refused(Decoder(FLAT).decode(record, "topic-id")).opt_out is None


def test_numbers_before_the_edit_are_blocked_too() -> None:
    """Both rows of an edit give numbers; the flag counts after it only."""
    before = {"lead_id": "L-1", "phone_mobile": HOME, "phone_home": "12", "do_not_call": False}
    after = {"lead_id": "L-1", "phone_mobile": "12", "do_not_call": True}
    unreadable = refused(Decoder(DEBEZIUM).decode(debezium("u", after, before), "topic-id"))
    assert isinstance(unreadable.opt_out, LeadOptOut)
    assert unreadable.opt_out.numbers == {HOME}
    assert unreadable.reason is Reason.PHONE_INVALID
