"""A clock for event loops that stands still while the process does.

A machine that is busy with something else may stop a test for a second or more. Both ends of
a simulated line stop then, but a timeout would run on and end what is in order.
"""

import asyncio
import selectors
import time
from typing import Any, Final, override

# Longer than any step of a test needs on an idle machine, in s.
_MOST: Final = 0.05


class PatientSelector(selectors.DefaultSelector):
    """Knows how long its loop neither worked nor waited for anything."""

    # Kept here, where nobody who freezes a test's time looks for it.
    _clock = staticmethod(time.monotonic)

    def __init__(self) -> None:
        """Have lost nothing yet."""
        super().__init__()
        self._left = self._clock()
        self._lost = 0.0

    def time(self) -> float:
        """Return the time without what was lost, in s; that of a test if it has one."""
        if time.monotonic is not self._clock:
            return time.monotonic()
        now = self._clock()
        return now - self._lost - max(0.0, now - self._left - _MOST)

    @override
    def select(self, timeout: float | None = None) -> Any:
        """Wait as usual, and tell a long wait from one that was asked for."""
        begin = self._clock()
        self._lost += max(0.0, begin - self._left - _MOST)
        events = super().select(timeout)
        self._left = self._clock()
        if timeout is not None:
            waited = self._left - begin
            self._lost += max(0.0, waited - max(0.0, timeout) - _MOST)
        return events


def install() -> None:
    """Give this clock to every loop that runs from now on."""
    run_forever = asyncio.BaseEventLoop.run_forever

    def run_patiently(loop: Any) -> None:
        if isinstance(loop._selector, PatientSelector):
            # Home Assistant gives a loop a clock of its own: that of the process.
            loop.time = loop._selector.time
        run_forever(loop)

    selectors.DefaultSelector = PatientSelector  # type: ignore[misc]
    asyncio.BaseEventLoop.run_forever = run_patiently  # type: ignore[assignment,method-assign]
