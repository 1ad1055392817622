"""A fake of the port `StateTable`: rows in a dictionary, nothing to restore."""

from connector.stream.state_table import Restored


class FakeTable:
    """Rows as the tenure shows them; nothing is restored here."""

    def __init__(self) -> None:
        self.rows: dict[bytes, bytes] = {}
        self.told: list[int] = []

    def get(self, partition: int, key: bytes) -> bytes | None:  # noqa: ARG002
        """Return a row."""
        return self.rows.get(key)

    def put(self, partition: int, key: bytes, value: bytes) -> None:  # noqa: ARG002
        """Show a row."""
        self.rows[key] = value

    def delivered(self, partition: int, key: bytes, value: bytes, offset: int) -> None:  # noqa: ARG002
        """Take note of a durable row."""
        self.told.append(offset)

    def keep(self, partitions: object) -> None:
        """Keep all."""

    def restore(self, partitions: object, halt: object) -> Restored:  # noqa: ARG002
        """Restore nothing."""
        return Restored(0, complete=True)

    async def mend(self, halt: object) -> int:  # noqa: ARG002
        """Mend nothing."""
        return 0

    def close(self) -> None:
        """Do nothing."""
