"""Give a record to an intake alone, without the brake that stands before it in a worker."""

from connector.cdc.decoding import SchemaWanted
from connector.domain.record import Record
from connector.planning.ledger import Entry
from connector.stream.intake import Intake


def take(intake: Intake, record: Record, entry: Entry) -> None:
    """Let *intake* take a record whose schema is known."""
    told = intake.decode(record)
    assert not isinstance(told, SchemaWanted)
    intake.take(record, told, entry)
