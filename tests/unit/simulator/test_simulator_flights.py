"""Before and after are decided by what lay at the socket, not by clocks."""

from dataclasses import dataclass

from connector.simulator.flights import Flights

ONE, TWO = ("list", "1"), ("list", "2")


@dataclass(eq=False)
class StandInWire:
    """A connection whose state the test sets."""

    begun: int | None = None
    client: str | None = None
    gone: bool = False
    pending: bool = False

    def reset(self) -> None:
        """Break the connection."""
        self.gone = True

    def cut(self) -> None:
        """Close the connection."""
        self.gone = True


def test_writes_one_after_the_other_do_not_overlap() -> None:
    """A write that begins after the answer to the last one is alone."""
    flights = Flights()
    for _ in range(3):
        flight = flights.open(None)
        assert flights.write(flight, [ONE, TWO]) == []
        flights.answer(flight)
        flights.close(flight)


def test_a_write_that_began_before_the_answer_overlaps() -> None:
    """Two writes overlap although the first was answered before the second was read."""
    flights = Flights()
    first, second = flights.open(None), flights.open(None)
    assert flights.write(first, [ONE]) == []
    flights.answer(first)
    flights.close(first)
    assert flights.write(second, [ONE, TWO]) == [ONE]
    flights.answer(second)
    flights.close(second)


def test_unread_bytes_are_a_beginning() -> None:
    """A request whose bytes lay at another socket when an answer left had begun before it."""
    flights = Flights()
    waiting, quiet = StandInWire(pending=True), StandInWire()
    flights.wires.update((waiting, quiet))
    first = flights.open(None)
    flights.write(first, [ONE])
    flights.answer(first)
    flights.close(first)
    late, later = flights.open(waiting), flights.open(quiet)
    assert late.begun < first.ended < later.begun
    assert flights.write(late, [ONE]) == [ONE]


def test_a_write_whose_client_has_left_is_not_in_the_air() -> None:
    """A client that closes the connection and writes again does not overlap itself."""
    flights = Flights()
    wire = StandInWire()
    first = flights.open(wire)
    flights.write(first, [ONE])
    wire.gone = True
    second = flights.open(None)
    assert flights.write(second, [ONE]) == []
    flights.answer(first)
    flights.close(first)
    third = flights.open(None)
    flights.answer(second)
    assert flights.write(third, [ONE]) == [ONE]


def test_nothing_is_remembered_once_all_is_answered() -> None:
    """The books of what is in the air are empty when nothing is."""
    flights = Flights()
    for _ in range(100):
        flight = flights.open(None)
        flights.write(flight, [ONE, TWO, ONE])
        flights.answer(flight)
        flights.close(flight)
    assert flights.remembered == 0
