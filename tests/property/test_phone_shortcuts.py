"""The shortcuts for North American numbers say what the library says, for every text they take."""

import phonenumbers
from hypothesis import given
from hypothesis import strategies as st
from phonenumbers import PhoneNumberFormat

from connector.cdc.phones import AT_HOME, NORTH_AMERICAN, WRITTEN_AT_HOME, PhoneReader

REGIONS = sorted(phonenumbers.SUPPORTED_REGIONS)


def by_the_library(text: str, region: str) -> str | None:
    """Read a number with the library alone."""
    number = phonenumbers.parse(text, region)
    if not phonenumbers.is_possible_number(number):
        return None
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


@given(st.from_regex(NORTH_AMERICAN, fullmatch=True), st.sampled_from(REGIONS))
def test_numbers_in_e164_are_as_they_are(text: str, region: str) -> None:
    """Whatever the region of the settings, such a number is what the library makes of it."""
    assert PhoneReader(region).read(text) == text == by_the_library(text, region)


@given(st.from_regex(WRITTEN_AT_HOME, fullmatch=True), st.sampled_from(sorted(AT_HOME)))
def test_numbers_as_written_at_home_get_their_country_code(text: str, region: str) -> None:
    """Brackets, dots, dashes and blanks between the parts change nothing."""
    assert PhoneReader(region).read(text) == by_the_library(text, region)


@given(st.from_regex(WRITTEN_AT_HOME, fullmatch=True), st.sampled_from(["GB", "DE", "IT", "MX"]))
def test_abroad_the_same_text_is_left_to_the_library(text: str, region: str) -> None:
    """Elsewhere the same digits are another number, or none."""
    assert PhoneReader(region).read(text) == by_the_library(text, region)
