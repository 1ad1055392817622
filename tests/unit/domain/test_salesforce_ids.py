"""The two forms of a Salesforce record id."""

import pytest

from connector.domain.ids import LeadId
from connector.domain.salesforce_id import forms_of


@pytest.mark.parametrize(
    "long",
    [
        "00Q5f000001AbCdEAK",
        "00Q5f000001AbCeEAK",
        "0055f000001xyzAAAQ",
        "003000000000001AAA",
        "00QABCDEFGHIJKL255",
        "00qabcdefghijklAAA",
    ],
)
def test_an_id_with_the_right_checksum_has_two_forms(long: str) -> None:
    """The lead's own comes first; the short one is its first 15 characters."""
    assert forms_of(LeadId(long)) == (long, long[:15])


@pytest.mark.parametrize(
    "other",
    [
        "00Q5f000001AbCdEAL",
        "00Q5f000001AbCdeak",
        "00Q5f000001abCdEAK",
        "00Q5f000001AbCd",
        "00Q5f000001AbCdEAK ",
        "00Q5f-00001AbCdEAK",
        "00Q5f000001\u00c1bCdEAK",
        "L-1",
        "",
    ],
)
def test_all_else_is_an_id_by_itself(other: str) -> None:
    """Another checksum, another length, other characters: nobody shortens it."""
    assert forms_of(LeadId(other)) == (other,)


def test_ids_that_differ_in_case_have_forms_of_their_own() -> None:
    """Two people never share a form."""
    one, other = LeadId("00Q5f000001AbCdEAK"), LeadId("00Q5f000001AbcdEAC")
    assert len({*forms_of(one), *forms_of(other)}) == 4
