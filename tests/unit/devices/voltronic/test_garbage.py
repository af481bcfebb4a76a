"""Whatever comes over the line, a poll ends and holds only numbers."""

import asyncio
import math

from hypothesis import HealthCheck, given, settings, strategies as st

from custom_components.pv_family.devices.device import DeviceError, SilentError
from custom_components.pv_family.devices.voltronic.device import VoltronicDevice
from custom_components.pv_family.devices.voltronic.errors import LinkError
from custom_components.pv_family.devices.voltronic.session import Pace, Session
from custom_components.pv_family.readings.ledger import Ledger
from simulation.voltronic import frame

from .recorded import MAX_LIVE, MAX_RATINGS, NOW, PIP_LIVE, PIP_RATINGS, REPLIES

GOOD = {item["command"]: item["payload"] for item in REPLIES} | {
    "QPIRI": MAX_RATINGS,
    "QPIGS": MAX_LIVE,
    "QPI": "PI30",
    "QMOD": "L",
}
HASTY = Pace(timeout=0.004, quiet=0.0, echo=0.002, late=0.02, settling=0.0)

tokens = st.one_of(
    st.sampled_from(["", "-", "nan", "99999", "000.0", "1e9", "0", "-1", "(", "A"]),
    st.text("0123456789.", max_size=12),
)


@st.composite
def payloads(draw: st.DrawFn) -> str:
    """Draw a recorded answer with some fields replaced, or any text."""
    if draw(st.booleans()):
        return draw(st.text(st.characters(max_codepoint=0x7E), max_size=60))
    text = draw(st.sampled_from([*GOOD.values(), PIP_LIVE, PIP_RATINGS]))
    fields = text.split(" ")
    for place in draw(st.lists(st.integers(0, len(fields) - 1), max_size=4)):
        fields[place] = draw(tokens)
    return " ".join(fields)


answers = st.one_of(
    st.none(),
    payloads().map(frame.reply),
    st.binary(max_size=80),
    st.just(b"(NAKss\r"),
    st.just(b"(ACK9 \r"),
)


class Liar:
    """A link to a unit that answers some commands with anything."""

    def __init__(self, lies: dict[str, bytes | None]) -> None:
        """Know the lies by command; the rest is true."""
        self._lies = lies
        self._out: asyncio.Queue[bytes] = asyncio.Queue()

    async def read(self) -> bytes:
        """Return the next answer."""
        data = await self._out.get()
        if data == b"\r\r":
            raise LinkError("unplugged")
        return data

    async def write(self, data: bytes) -> None:
        """Answer a request."""
        command = frame.command(data)
        assert command is not None
        if command in self._lies:
            answer = self._lies[command]
        else:
            answer = frame.reply(GOOD.get(command, frame.NAK))
        if answer:
            self._out.put_nowait(answer)

    async def close(self) -> None:
        """Do nothing."""


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(st.sampled_from(sorted(GOOD)), answers, max_size=5))
async def test_only_finite_readings_and_known_errors(
    lies: dict[str, bytes | None],
) -> None:
    """Every reading is a finite number once, and every error one that is caught."""

    async def opened() -> Liar:
        return Liar(lies)

    session = Session(opened, HASTY)
    try:
        device = await VoltronicDevice.discover(session, fallback_serial="fallback")
        ledger = Ledger()
        for full in (True, False):
            poll = await device.poll(NOW, full=full)
            found = [*poll.readings, *poll.doubted]
            assert len(found) == len({reading.series for reading in found})
            for reading in found:
                assert math.isfinite(reading.value)
                ledger.admit(reading, NOW)
        await device.read_all("alias")
        assert device.offers is not None
    except DeviceError, SilentError:
        pass
    assert session.requests < 200
