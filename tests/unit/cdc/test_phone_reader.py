"""How numbers are read."""

import pytest

from connector.cdc.phones import PhoneReader

READER = PhoneReader("US")


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("+12125550101", "+12125550101"),
        ("(212) 555-0101", "+12125550101"),
        ("12125550101", "+12125550101"),
        (" 212.555.0101 ", "+12125550101"),
        ("tel:+1-212-555-0101", "+12125550101"),
        ("+1 212 555 0101 ext 5", "+12125550101"),
        ("1-800-FLOWERS", "+18003569377"),
        ("٢١٢٥٥٥٠١٠١", "+12125550101"),
        ("+49 30 123456", "+4930123456"),
        ("", None),
        ("n/a", None),
        ("+", None),
        ("123", None),
        ("2125550101/2125550102", None),
        ("9" * 300, None),
    ],
)
def test_a_number_is_brought_to_e164(text: str, number: str | None) -> None:
    """What people write becomes E.164; what no plan has room for becomes nothing."""
    assert READER.read(text) == number


def test_the_region_is_for_numbers_without_a_country_code() -> None:
    """A national number is read by the region, an international one is not."""
    german = PhoneReader("DE")
    assert german.read("030 123456") == "+4930123456"
    assert german.read("+1 212 555 0101") == "+12125550101"


def test_a_text_is_parsed_once_while_it_is_remembered() -> None:
    """A repeated text is not parsed again, and no more texts are kept than allowed."""
    reader = PhoneReader("US", remembered=2)
    for text in ("+12125550101", "+12125550101", "+12125550102", "+12125550103"):
        reader.read(text)
    info = reader._remembered.cache_info()
    assert (info.hits, info.misses, info.currsize) == (1, 3, 2)


def test_a_long_text_is_not_remembered() -> None:
    """Notes in a number's column, each of a megabyte, would fill the memory."""
    reader = PhoneReader("US")
    assert reader.read("+1 212 555 0101" + " " * 80) == "+12125550101"
    assert reader.read("x" * 1_000_000) is None
    assert reader._remembered.cache_info().currsize == 0


def test_a_reader_shows_no_number() -> None:
    """Its repr names the region and nothing that it has read."""
    READER.read("+12125550101")
    assert repr(READER) == "PhoneReader(US)"
