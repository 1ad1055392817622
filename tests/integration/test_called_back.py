"""A request whose connection had to be opened first is called back if something overtook it."""

import asyncio

from connector.domain.command import Command
from connector.domain.result import Accepted, Gone, Refused
from connector.genesys.quota import Quota
from tests.support.commands import a_batch, a_quarantine, an_upsert, contact_of
from tests.support.platform_access import access
from tests.support.simulators import Simulator


class _Overtaken:
    """An opt-out of some commands that comes while the first connection opens."""

    def __init__(self, *gone: Command) -> None:
        self._gone = gone
        self._came = False
        self.asked: list[Command] = []

    def sent(self, command: Command) -> bool:
        """Let leave what the opt-out did not meet."""
        self.asked.append(command)
        return not (self._came and command in self._gone)

    def stands(self, _command: Command) -> bool:
        """Say no once: it came just now."""
        came, self._came = self._came, True
        return came


def _counted(quota: Quota) -> int:
    """Give the requests that took a slot: those that left, where none is on its way."""
    assert quota.departed == quota.granted
    return quota.departed


async def test_a_write_that_an_opt_out_met_on_its_way_does_not_leave(simulator: Simulator) -> None:
    """Its mates leave without it, in the same slot."""
    first, gone, last = (an_upsert(str(n), Mobile=f"+1555000000{n}") for n in range(3))
    overtaken = _Overtaken(gone)
    async with access(simulator.url) as reached:
        results = await reached.deliver(
            a_batch([first, gone, last]), overtaken.sent, stands=overtaken.stands
        )
        assert set(results) == {first, last}
        assert all(isinstance(each, Accepted) for each in results.values())
        assert overtaken.asked == [first, gone, last] * 2
        assert _counted(reached.platform.quota) == len(simulator.journal())
    assert {each["id"] for each in simulator.contacts()} == {contact_of("0"), contact_of("2")}


async def test_the_list_is_asked_for_whatever_comes_meanwhile(simulator: Simulator) -> None:
    """An opt-out comes behind a doubtful 404: the read of the list does nothing with the lead, and
    to call it back would be to call it back for ever. It is counted like the write.
    """
    put = {"method": "PUT", "path": "*/contacts/*"}
    simulator.arm(put, {"kind": "status", "status": 404, "body": {"code": "resource.not.found"}})
    gone, counted, stood = a_quarantine("1", Mobile="+15550000001"), list[Command](), [True]

    def stands(_command: Command) -> bool:
        return bool(stood and stood.pop())

    async with access(simulator.url) as reached, asyncio.timeout(10):
        results = await reached.deliver(a_batch([gone]), stands=stands, left=counted.append)
    assert results == {gone: Gone(results[gone].receipt)}
    assert counted == [gone, gone]
    assert [line.method for line in simulator.journal()][1:] == ["PUT", "GET"]


async def test_nothing_leaves_where_nothing_is_left(simulator: Simulator) -> None:
    """The slot is given back and the platform hears of nothing but the token."""
    gone = an_upsert("1", Mobile="+15550000001")
    overtaken = _Overtaken(gone)
    async with access(simulator.url) as reached:
        assert not await reached.deliver(a_batch([gone]), overtaken.sent, stands=overtaken.stands)
        assert _counted(reached.platform.quota) == len(simulator.journal()) == 1


async def test_a_silence_demanded_meanwhile_is_kept(simulator: Simulator) -> None:
    """What waits for its connection when a 429 comes goes back, and its slot too."""
    late = an_upsert("1", Mobile="+15550000001")
    async with access(simulator.url) as reached:
        quota = reached.platform.quota

        def silenced(_command: Command) -> bool:
            quota.close(30.0)
            return False

        told = await reached.deliver(a_batch([late]), stands=silenced)
        assert isinstance(told[late], Refused)
        assert _counted(quota) == len(simulator.journal()) == 1
    assert simulator.contacts() == []
