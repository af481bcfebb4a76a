"""Measure inside Home Assistant when it has started and how its loop stalls.

The benchmark copies this folder into the instances that it compares.
"""

import json
from pathlib import Path
import time
from typing import Final

from homeassistant.core import HomeAssistant
from homeassistant.helpers.start import async_at_started
from homeassistant.helpers.typing import ConfigType

_TICK: Final = 0.005
_SECONDS: Final = 60.0


class _Ticker:
    """Wakes up every 5 ms and notes how late."""

    def __init__(self, hass: HomeAssistant) -> None:
        self.lateness: list[float] = []
        self._hass = hass
        self._started = time.time()
        self._end = hass.loop.time() + _SECONDS
        self._due = 0.0

    def start(self) -> None:
        """Tell the time of the start, then tick."""
        self._hass.async_add_executor_job(self._write, "started", self._started)
        self._wait()

    def _wait(self) -> None:
        self._due = self._hass.loop.time() + _TICK
        self._hass.loop.call_at(self._due, self._tick)

    def _tick(self) -> None:
        now = self._hass.loop.time()
        self.lateness.append(now - self._due)
        if now < self._end:
            self._wait()
        else:
            self._hass.async_add_executor_job(self._write, "lateness", self.lateness)

    def _write(self, name: str, content: object) -> None:
        file = Path(self._hass.config.path(f"{name}.json"))
        part = file.with_suffix(".part")
        part.write_text(json.dumps(content))
        part.rename(file)


async def async_setup(hass: HomeAssistant, config: ConfigType) -> bool:
    """Begin once Home Assistant runs."""

    async def begin(hass: HomeAssistant) -> None:
        _Ticker(hass).start()

    async_at_started(hass, begin)
    return True
