"""Say in which partition of our topics a lead's records lie, without asking a client.

The state's rows are keyed by lead and kind, so no partitioner finds their place: it is that of the
lead's own records, which Kafka's default partitioner chooses.
"""

from connector.domain.ids import LeadId
from connector.stream.packing import lead_key

_MASK = 0xFFFFFFFF
_MIX = 0x5BD1E995
_SEED = 0x9747B28C
_POSITIVE = 0x7FFFFFFF


def partition_of(lead: LeadId, partitions: int) -> int:
    """Return the partition of *lead* in a topic of so many *partitions*."""
    return (murmur2(lead_key(lead)) & _POSITIVE) % partitions


def murmur2(data: bytes) -> int:
    """Return Kafka's hash of a key, an unsigned number of 32 bits (its `Utils.murmur2`)."""
    found = _SEED ^ len(data)
    whole = len(data) & ~3
    for at in range(0, whole, 4):
        part = int.from_bytes(data[at : at + 4], "little") * _MIX & _MASK
        part = (part ^ part >> 24) * _MIX & _MASK
        found = (found * _MIX & _MASK) ^ part
    if whole < len(data):
        found = (found ^ int.from_bytes(data[whole:], "little")) * _MIX & _MASK
    found = (found ^ found >> 13) * _MIX & _MASK
    return found ^ found >> 15
