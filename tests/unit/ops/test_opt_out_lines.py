"""Lines of `lead_id,number`, and what each of them opts out."""

import pytest

from connector.cdc.phones import PhoneReader
from connector.domain.change import Flaw, LeadOptOut, NumbersOptOut
from connector.domain.ids import LeadId
from connector.domain.origin import NO_OFFSET, PERSON, Origin
from connector.domain.reason import Reason, Stage
from connector.ops.opt_out_lines import Line, UnusableLinesError, one_lead, read_lines
from connector.ops.person import opt_out_of
from connector.planning.digest import Digests

READ = PhoneReader("US").read
KEYS = Digests(b"secret")
HERE = Origin(PERSON, "A.opt-outs", "id", 0, NO_OFFSET, 1)


def _lines(text: str) -> list[tuple[int, str | None, str | None, bool]]:
    lines = read_lines(text.encode(), "f", READ, salesforce=False)
    return [(each.at, each.lead, each.number, each.bad) for each in lines]


def test_either_may_be_empty() -> None:
    """A heading, a byte-order mark, empty lines, blanks, quotes and CRLF are no matter."""
    text = (
        '\ufefflead_id,number\r\n7,(202) 555-0101\r\n\r\n 8 ,\r\n9\r\n,"202 555 0102"\r\n,12\r\n'
    )
    assert _lines(text) == [
        (2, "7", "+12025550101", False),
        (4, "8", None, False),
        (5, "9", None, False),
        (6, None, "+12025550102", False),
        (7, None, None, True),
    ]


@pytest.mark.parametrize(
    ("data", "problems"),
    [
        (b"", ["f: has no lines"]),
        (b"lead_id,number\n", ["f: has no lines"]),
        (b"\xff,1\n", ["f: is not UTF-8"]),
        (b"7,+12025550101\n,\n", ["f: line 2 has neither a lead id nor a number"]),
        (b"7,1,2\n" + b"x" * 5_000, [
            "f: line 1 has 3 cells; lead_id,number are two",
            "f: line 2 has a lead id that none can be",
        ]),
    ],
)  # fmt: skip
def test_what_is_no_such_file(data: bytes, problems: list[str]) -> None:
    """Everything at once, by line, without content; and not a hundred lines of it."""
    with pytest.raises(UnusableLinesError) as raised:
        read_lines(data, "f", READ, salesforce=False)
    assert list(raised.value.problems) == problems
    with pytest.raises(UnusableLinesError) as many:
        read_lines(b",,\n" * 100, "f", READ, salesforce=False)
    assert len(many.value.problems) == 21
    assert many.value.problems[-1] == "and 80 more"


def test_what_a_line_opts_out() -> None:
    """A lead with or without a number, a number alone; a bad number beside a lead is told."""
    (both, lead, number, bad, none) = (
        opt_out_of(line, HERE, KEYS)
        for line in read_lines(
            b"7,+12025550101\n8,\n,+12025550102\n9,12\n,13\n", "f", READ, salesforce=False
        )
    )
    assert isinstance(both, LeadOptOut)
    assert both.lead == "7"
    assert set(both.numbers) == {"+12025550101"}
    assert isinstance(lead, LeadOptOut)
    assert (lead.lead, lead.numbers, lead.flaw) == ("8", frozenset(), None)
    assert isinstance(number, NumbersOptOut)
    assert number.numbers == {"+12025550102"}
    assert number.lead.startswith("#")
    assert isinstance(bad, LeadOptOut)
    assert bad.flaw == Flaw(Reason.PHONE_INVALID, Stage.VALIDATE)
    assert none is None


def test_no_line_shows_its_number() -> None:
    """Neither it nor a lead by itself."""
    assert "555" not in repr(read_lines(b"7,+12025550101\n", "f", READ, salesforce=False))
    assert one_lead("7", salesforce=False) == (Line(1, LeadId("7"), None),)


def test_an_id_of_a_salesforce_report() -> None:
    """Reports have 15 characters, change events 18: the lead is one."""
    line, other = read_lines(b"00Q5e000001AbCd\n4711\n", "f", READ, salesforce=True)
    assert line.lead == "00Q5e000001AbCdEAK"
    assert other.lead == "4711"
    assert one_lead("00Q5e000001AbCd", salesforce=True) == (Line(1, line.lead, None),)
    assert one_lead("00Q5e000001AbCd", salesforce=False)[0].lead == "00Q5e000001AbCd"
