"""End a command with 3 where the environment refuses what it asks for."""

from collections.abc import Callable
from typing import TypeVar

from connector.cli.exits import CommandFailed, ExitCode

T = TypeVar("T")


def refusing(work: Callable[[], T], again: str = "see to it, then run the same again") -> T:
    """Do *work*; what the environment refuses is told, and *again* says what to do then.

    Raises:
        CommandFailed: the broker, the registry or what lies there refused or did not answer.
    """
    from connector.ops.own_outcomes import SchemaUnknownError  # noqa: PLC0415 - loads the clients
    from connector.registry.access import (  # noqa: PLC0415 - as above
        RegistryAwayError,
        RegistryRefusedError,
    )
    from connector.stream.packing import UnknownFormError  # noqa: PLC0415 - as above
    from connector.stream.producer import SendFailedError  # noqa: PLC0415 - as above
    from connector.stream.reading import ReadFailedError  # noqa: PLC0415 - as above
    from connector.stream.topics import TopicsUnavailableError  # noqa: PLC0415 - as above

    refusals = (
        ReadFailedError,
        SendFailedError,
        TopicsUnavailableError,
        UnknownFormError,
        SchemaUnknownError,
        RegistryAwayError,
        RegistryRefusedError,
    )
    try:
        return work()
    except refusals as failure:
        raise CommandFailed(ExitCode.REFUSED, [str(failure), again]) from failure
