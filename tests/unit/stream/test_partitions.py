"""The place of a lead's rows is where Kafka's default partitioner puts its records."""

import pytest

from connector.domain.ids import LeadId
from connector.stream.partitions import murmur2, partition_of


@pytest.mark.parametrize(
    ("key", "hashed"),
    [
        (b"21", -973932308),
        (b"foobar", -790332482),
        (b"a-little-bit-long-string", -985981536),
        (b"a-little-bit-longer-string", -1486304829),
        (b"lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971),
        (b"abc", 479470107),
    ],
)
def test_hashes_are_kafkas(key: bytes, hashed: int) -> None:
    """Values of its UtilsTest; a negative one is made positive by its lowest 31 bits."""
    assert murmur2(key) == hashed % 2**32
    lead = LeadId(key.decode())
    assert partition_of(lead, 7) == (hashed & 0x7FFFFFFF) % 7


def test_ids_beyond_ascii() -> None:
    """The key is UTF-8."""
    assert murmur2("ł-1".encode()) != murmur2(b"l-1")
    assert partition_of(LeadId("ł-1"), 5) == (murmur2("ł-1".encode()) & 0x7FFFFFFF) % 5
