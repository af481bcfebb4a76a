"""Questions and answers over real connections, when the line misbehaves."""

import asyncio

import pytest

from custom_components.pv_family.devices.voltronic.commands import (
    LIVE,
    LOAD_ENERGY,
    MODE,
    PARALLEL,
    PROTOCOL,
    PV_ENERGY,
    SERIAL,
    WARNINGS,
)
from custom_components.pv_family.devices.voltronic.errors import (
    FrameError,
    LinkError,
    RefusedError,
    UnansweredError,
)
from custom_components.pv_family.devices.voltronic.link import opener
from custom_components.pv_family.devices.voltronic.query import Query
from custom_components.pv_family.devices.voltronic.session import Pace, Session
from simulation.voltronic import (
    Echo,
    Garble,
    Late,
    Line,
    LineFaults,
    Nak,
    NoCrc,
    RecordedInverter,
    Silence,
    TcpPort,
    Truncate,
)

from .recorded import PIP_LIVE, QUICK, talking

pytestmark = pytest.mark.usefixtures("loopback")

REPLIES = {
    "QPI": "PI30",
    "QMOD": "B",
    "QPIWS": "0" * 32,
    "QPIGS": PIP_LIVE,
    "QID": "92931701100510",
    "QET": "00238800",
    "QLT": "00111100",
}
# Late enough that the asker has given up, soon enough that it comes while it asks on.
LATE = Late(1.5 * QUICK.timeout)


def unit(*, settable: bool = False) -> RecordedInverter:
    """Return a unit that answers a few commands."""
    return RecordedInverter(REPLIES, settable=settable)


async def test_asking() -> None:
    """Each question brings its answer, and one request suffices."""
    async with talking(unit()) as (session, line):
        for query in (PROTOCOL, MODE, LIVE, PV_ENERGY, LOAD_ENERGY):
            assert await session.ask(query) == REPLIES[query.command]
        assert line.requests == ["QPI", "QMOD", "QPIGS", "QET", "QLT"]
        assert session.requests == 5


async def test_one_question_at_a_time() -> None:
    """Questions of several askers do not mix."""
    async with talking(unit()) as (session, line):
        queries = [PV_ENERGY, LOAD_ENERGY, MODE, LIVE] * 3
        answers = await asyncio.gather(*(session.ask(query) for query in queries))
        assert answers == [REPLIES[query.command] for query in queries]
        assert len(line.requests) == len(queries)


async def test_refusal_is_remembered() -> None:
    """A command that the unit lacks is not asked again."""
    async with talking(unit()) as (session, line):
        for _ in range(3):
            with pytest.raises(RefusedError):
                await session.ask(PARALLEL[1])
        assert line.requests == ["QPGS1"]
        assert await session.find(PARALLEL[1]) == ""


@pytest.mark.parametrize("bare", [True, False])
async def test_refusal_of_a_known_command(bare: bool) -> None:
    """A unit that is only busy is asked again later; its NAK may lack a checksum."""
    faults = LineFaults()
    async with talking(unit(), faults) as (session, _):
        await session.ask(MODE)
        faults.start(Nak(), answers=1)
        if bare:
            faults.start(NoCrc())
        with pytest.raises(RefusedError):
            await session.ask(MODE)
        assert await session.ask(MODE) == "B"


@pytest.mark.parametrize("position", [0, 1, 5, 400])
async def test_garbled_once(position: int) -> None:
    """A garbled answer is asked for once more."""
    faults = LineFaults()
    async with talking(unit(), faults) as (session, line):
        faults.start(Garble(position), answers=1)
        assert await session.ask(LIVE) == PIP_LIVE
        assert line.requests == ["QPIGS", "QPIGS"]


async def test_garbled_twice() -> None:
    """It is not asked for a third time, and nothing is guessed."""
    faults = LineFaults()
    async with talking(unit(), faults) as (session, line):
        faults.start(Garble())
        with pytest.raises(FrameError):
            await session.ask(LIVE)
        assert line.requests == ["QPIGS", "QPIGS"]
        faults.clear()
        assert await session.ask(LIVE) == PIP_LIVE


async def test_truncated() -> None:
    """Half an answer is no answer, whether it ends or not."""
    faults = LineFaults()
    async with talking(unit(), faults, pace=QUICK) as (session, _):
        faults.start(Truncate(20), answers=1)
        assert await session.ask(LIVE) == PIP_LIVE
        faults.start(Truncate(20, ended=False), answers=1)
        with pytest.raises(UnansweredError):
            await session.ask(LIVE)
        assert await session.ask(LIVE) == PIP_LIVE
        assert await session.ask(MODE) == "B"


async def test_echo_of_the_line() -> None:
    """A line that sends back what we say is understood."""
    faults = LineFaults()
    async with talking(unit(), faults) as (session, _):
        faults.start(Echo())
        for query in (MODE, LIVE, PV_ENERGY):
            assert await session.ask(query) == REPLIES[query.command]
        with pytest.raises(RefusedError):
            await session.ask(PARALLEL[0])


async def test_echo_in_place_of_a_refusal() -> None:
    """Some units answer what they do not know with the question."""
    async with talking(unit(), echoes_unknown=True) as (session, line):
        with pytest.raises(RefusedError):
            await session.ask(PARALLEL[1])
        assert await session.ask(MODE) == "B"
        assert await session.find(PARALLEL[1]) == ""
        assert line.requests == ["QPGS1", "QMOD"]


async def test_silence() -> None:
    """A silent unit is one; it is found again when it speaks."""
    faults = LineFaults()
    async with talking(unit(), faults, pace=QUICK) as (session, _):
        faults.start(Silence())
        for query in (LIVE, MODE, LIVE, PV_ENERGY):
            with pytest.raises(UnansweredError):
                await session.ask(query)
        faults.clear()
        assert await session.ask(LIVE) == PIP_LIVE


async def test_silence_in_place_of_a_refusal() -> None:
    """What stays unanswered while the unit answers else is a command that it lacks."""
    faults = LineFaults()
    faults.start(Silence(), only=("QPGS",))
    async with talking(unit(), faults, pace=QUICK) as (session, line):
        assert await session.find(PARALLEL[0]) == ""
        asked = len(line.requests)
        assert await session.find(PARALLEL[0]) == ""
        assert len(line.requests) == asked
        faults.start(Silence())
        with pytest.raises(UnansweredError):
            await session.find(SERIAL)


@pytest.mark.parametrize("late", [MODE, PV_ENERGY])
@pytest.mark.parametrize("after", [MODE, LIVE, PV_ENERGY, LOAD_ENERGY, PROTOCOL])
async def test_a_late_answer_is_never_taken_for_another(
    late: Query, after: Query
) -> None:
    """Every question brings its own answer or none, whatever came late before it."""
    faults = LineFaults()
    async with talking(unit(), faults, pace=QUICK) as (session, _):
        faults.start(LATE, answers=1)
        with pytest.raises(UnansweredError):
            await session.ask(late)
        answered = 0
        for query in (after, MODE, LOAD_ENERGY, PV_ENERGY, LIVE):
            try:
                answer = await session.ask(query)
            except UnansweredError:
                continue
            assert answer == REPLIES[query.command]
            answered += 1
        assert answered >= 3


async def test_a_late_answer_does_not_shift_all_others() -> None:
    """The same question again brings the new answer, not the late old one."""
    source = unit()
    faults = LineFaults()
    async with talking(source, faults, pace=QUICK) as (session, line):
        faults.start(LATE, answers=1)
        with pytest.raises(UnansweredError):
            await session.ask(PV_ENERGY)
        # Until here the unit has not looked at its counter: it will say 300.
        source.replies["QET"] = "00000300"
        await asyncio.sleep(LATE.seconds)
        source.replies["QET"] = "00000400"
        assert await session.ask(PV_ENERGY) == "00000400"
        source.replies["QET"] = "00000500"
        assert await session.ask(PV_ENERGY) == "00000500"
        assert "QPI" in line.requests


async def test_a_twin_question_waits_for_a_late_answer() -> None:
    """Two counters look the same, so the other one waits until nothing can come."""
    faults = LineFaults()
    pace = Pace(timeout=0.1, quiet=0.001, late=0.3)
    async with talking(unit(), faults, pace=pace) as (session, line):
        faults.start(Silence(), only=("QET",))
        with pytest.raises(UnansweredError):
            await session.ask(PV_ENERGY)
        with pytest.raises(UnansweredError, match="QET may still come"):
            await session.ask(LOAD_ENERGY)
        assert line.requests == ["QET"]
        await asyncio.sleep(0.35)
        assert await session.ask(LOAD_ENERGY) == REPLIES["QLT"]


async def test_a_late_refusal_is_nobodys() -> None:
    """A NAK that may belong to an earlier question refuses nothing."""
    faults = LineFaults()
    async with talking(unit(), faults, pace=QUICK) as (session, _):
        faults.start(LATE, answers=1)
        with pytest.raises(UnansweredError):
            await session.ask(PARALLEL[0])
        assert await session.ask(MODE) == "B"
        assert session.refused == set()


async def test_orders() -> None:
    """An order is acknowledged or refused, and never given twice."""
    faults = LineFaults()
    async with talking(unit(settable=True), faults) as (session, line):
        await session.order("POP01")
        faults.start(NoCrc())
        await session.order("POP02")
        faults.clear()
        faults.start(Garble(), answers=1)
        with pytest.raises(FrameError):
            await session.order("POP00")
        assert line.requests == ["POP01", "POP02", "POP00"]
        with pytest.raises(RefusedError):
            await session.order("XYZ")
        await session.order("POP01")


async def test_an_order_after_a_late_one() -> None:
    """The late ACK of one order acknowledges no other."""
    faults = LineFaults()
    async with talking(unit(settable=True), faults, pace=QUICK) as (session, line):
        faults.start(LATE, answers=1)
        with pytest.raises(UnansweredError):
            await session.order("POP01")
        with pytest.raises(UnansweredError, match="POP01 may still come"):
            await session.order("XYZ")
        assert line.requests == ["POP01"]


async def test_an_order_behind_a_late_answer() -> None:
    """Before an order the line is proven clear."""
    faults = LineFaults()
    async with talking(unit(settable=True), faults, pace=QUICK) as (session, line):
        faults.start(LATE, answers=1)
        with pytest.raises(UnansweredError):
            await session.ask(LIVE)
        with pytest.raises(RefusedError):
            await session.order("XYZ")
        assert line.requests == ["QPIGS", "QPI", "XYZ"]


async def test_the_link_is_opened_again() -> None:
    """A lost connection fails one question and no more."""
    port = TcpPort(Line(unit()))
    await port.start()
    session = Session(opener(port.url), QUICK)
    try:
        assert await session.ask(MODE) == "B"
        port.hang_up()
        with pytest.raises(LinkError):
            await session.ask(MODE)
        assert await session.ask(MODE) == "B"
        assert session.opened == 2
        await session.close()
        assert await session.ask(MODE) == "B"
    finally:
        await session.close()
        await port.stop()
    with pytest.raises(LinkError):
        await session.ask(MODE)


async def test_a_cancelled_question() -> None:
    """An asker that gives up leaves no answer to the next one."""
    faults = LineFaults()
    async with talking(unit(), faults, pace=QUICK) as (session, _):
        faults.start(Late(0.1), answers=1)
        asking = asyncio.create_task(session.ask(PV_ENERGY))
        await asyncio.sleep(0.05)
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        with pytest.raises(UnansweredError, match="may still come"):
            await session.ask(LOAD_ENERGY)
        assert await session.ask(PV_ENERGY) == REPLIES["QET"]


class Babbler:
    """A unit that never stops talking."""

    async def read(self) -> bytes:
        """Return noise at once."""
        await asyncio.sleep(0)
        return b"\xff" * 64

    async def write(self, data: bytes) -> None:
        """Take anything."""

    async def close(self) -> None:
        """Do nothing."""


async def test_a_line_that_is_never_quiet() -> None:
    """Endless noise is an error and not endless memory."""

    async def opened() -> Babbler:
        return Babbler()

    session = Session(opened, QUICK)
    with pytest.raises(FrameError, match="quiet"):
        await session.ask(MODE)
    assert len(session._buffer) < 1000


async def test_barriers_run_out() -> None:
    """When all short questions are out themselves, nothing can be proven."""
    faults = LineFaults()
    pace = Pace(timeout=0.05, quiet=0.001, late=5.0)
    async with talking(unit(), faults, pace=pace) as (session, line):
        faults.start(Silence())
        for query in (PROTOCOL, MODE, WARNINGS):
            with pytest.raises(UnansweredError):
                await session.ask(query)
        asked = len(line.requests)
        with pytest.raises(UnansweredError, match="silent"):
            await session.ask(MODE)
        assert len(line.requests) == asked
