"""CPU of the pulse: from the readings to the entities and the commands to the loads.

A Home Assistant in this process polls a simulated home over a real Modbus server every
10 s of a simulated day, with 12 loads: switches, boilers with a daily need, chargers,
a washer. A beat is what the home does once its devices have delivered: flow, counters,
decisions and every entity of the home and its loads. Reading the devices, the actions
that it calls and the recorder are not part of it.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from functools import partial
import statistics
import time
from typing import Any, Final

from homeassistant.config_entries import SOURCE_USER, ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.setup import async_setup_component
from simulation.device import SimulatedDevice
from simulation.home import SimulatedHome
from simulation.modbus_server import SimulatedModbusServer
from simulation.site import Site
from simulation.state import HomeConfig

from .clock import INTERVAL, Clock
from .core import add_home, core
from .report import Table, parser, publish, run

_SITE: Final = Site(45.0, 30.0, 90.0)
_TIME_ZONE: Final = "Etc/GMT-2"
# Of twelve loads: kind, the power of each in W, what else its form asks for.
_LOADS: Final[tuple[tuple[str, float, dict[str, Any]], ...]] = (
    *(("switch", power, {}) for power in (300.0, 600.0, 900.0, 1200.0, 1500.0)),
    *(
        ("thermal", power, {"need": 3, "need_unit": "kwh", "deadline": "19:00:00"})
        for power in (1000.0, 2000.0, 3000.0)
    ),
    *(("modulating", power, {"phases": "1"}) for power in (2000.0, 3000.0, 3680.0)),
    ("programme", 700.0, {"duration": 90, "ready_by": "18:00:00"}),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pulse:
    """What the beats took, in ms of CPU.

    Attributes:
        loads: How many loads the home had.
        beats: How many beats were measured.
        mean: Of a whole beat.
        p99: The 99th percentile.
        longest: The longest beat.
        control_mean: Of the decisions alone.
        control_p99: The 99th percentile.
        starts: How often loads were started.
    """

    loads: int
    beats: int
    mean: float
    p99: float
    longest: float
    control_mean: float
    control_p99: float
    starts: int


def _timed(times: list[float], call: Callable[..., Any], *arguments: Any) -> Any:
    """Call something and note its CPU in ms."""
    start = time.thread_time_ns()
    result = call(*arguments)
    times.append((time.thread_time_ns() - start) / 1e6)
    return result


def _entity(number: int) -> str:
    kind = _LOADS[number][0]
    domain = "input_number" if kind == "modulating" else "input_boolean"
    return f"{domain}.load_{number}"


async def _add_loads(
    hass: HomeAssistant, entry: ConfigEntry[Any], loads: range
) -> None:
    """Add helpers, and loads that control them, through their flow.

    Raises:
        RuntimeError: A form was refused.
    """
    numbers = {
        f"load_{n}": {"min": 0, "max": _LOADS[n][1], "step": 10, "initial": 0}
        for n in range(len(_LOADS))
        if _LOADS[n][0] == "modulating"
    }
    switches = {
        f"load_{n}": {"initial": False}
        for n in range(len(_LOADS))
        if _LOADS[n][0] != "modulating"
    }
    await async_setup_component(hass, "input_boolean", {"input_boolean": switches})
    await async_setup_component(hass, "input_number", {"input_number": numbers})
    flow = hass.config_entries.subentries
    for number in loads:
        kind, power, answers = _LOADS[number]
        form: dict[str, Any] = {"times": {}, "rules": {}, **answers}
        if kind == "modulating":
            form["range"] = {"unit": "w", "low": 1380}
        else:
            form["power"] = power
        if kind == "programme":
            form["range"] = {}
        else:
            form["daily"] = {}
        step: Any = await flow.async_init(
            (entry.entry_id, "load"), context={"source": SOURCE_USER}
        )
        for answer in (
            {"next_step_id": kind},
            {
                "name": f"Load {number}",
                "entity_id": _entity(number),
                "shadow": False,
                **form,
            },
        ):
            step = await flow.async_configure(step["flow_id"], answer)
        if step["type"] is not FlowResultType.CREATE_ENTRY:
            raise RuntimeError(f"the flow stopped at {step}")
        await hass.async_block_till_done()


def _drawn(hass: HomeAssistant, loads: range) -> float:
    """Return what the loads draw now, in W."""
    total = 0.0
    for number in loads:
        state = hass.states.get(_entity(number))
        if state is None:
            continue
        if state.domain == "input_number":
            total += float(state.state)
        elif state.state == "on":
            total += _LOADS[number][1]
    return total


async def measure(day: date, seed: int, loads: int, hours: float) -> Pulse:
    """Return what the beats of a day took.

    Args:
        day: A day of the home's own calendar.
        seed: Of the simulated home: its weather and its household.
        loads: How many of the loads the home has.
        hours: How much of the day passes, from five in the morning.
    """
    start = datetime(day.year, day.month, day.day, 3, tzinfo=UTC)
    clock = Clock(start - timedelta(minutes=10))
    home = SimulatedHome(HomeConfig(site=_SITE), seed, start=clock.now)
    server = SimulatedModbusServer(SimulatedDevice(home, now=clock))
    await server.start()
    beats: list[float] = []
    shown: list[float] = []
    decisions: list[float] = []
    try:
        async with core(_SITE, _TIME_ZONE) as hass:
            with clock.worn():
                entry = await add_home(hass, _SITE, server.port)
                chosen = range(loads)
                await _add_loads(hass, entry, chosen)
                data = entry.runtime_data
                pulse, control = data.home, data.control
                # The beat has no door of its own.
                pulse._beat = partial(_timed, beats, pulse._beat)  # noqa: SLF001
                pulse.async_set_updated_data = partial(
                    _timed, shown, pulse.async_set_updated_data
                )
                control.step = partial(_timed, decisions, control.step)
                (inverter,) = data.devices.values()
                for _ in range(round(timedelta(hours=hours) / INTERVAL)):
                    clock.tick()
                    home.extra_load = _drawn(hass, chosen)
                    await inverter.async_refresh()
                    await hass.async_block_till_done()
                starts = sum(u.book.today.starts for u in control.units.values())
                await hass.config_entries.async_unload(entry.entry_id)
    finally:
        await server.stop()
    beats = [beat + show for beat, show in zip(beats, shown, strict=True)]
    return Pulse(
        loads=loads,
        beats=len(beats),
        mean=statistics.fmean(beats),
        p99=_p99(beats),
        longest=max(beats),
        control_mean=statistics.fmean(decisions) if decisions else 0.0,
        control_p99=_p99(decisions),
        starts=starts,
    )


def _p99(times: list[float]) -> float:
    ordered = sorted(times)
    return ordered[len(ordered) * 99 // 100] if ordered else 0.0


def _table(pulses: list[Pulse]) -> Table:
    return Table(
        (
            "loads",
            "beats",
            "beat mean, ms",
            "p99",
            "longest",
            "of it decisions, mean",
            "p99",
            "starts",
        ),
        [
            (
                str(p.loads),
                str(p.beats),
                f"{p.mean:.2f}",
                f"{p.p99:.2f}",
                f"{p.longest:.1f}",
                f"{p.control_mean:.2f}",
                f"{p.control_p99:.2f}",
                str(p.starts),
            )
            for p in pulses
        ],
    )


async def _all(day: date, seed: int, hours: float) -> list[Pulse]:
    return [await measure(day, seed, loads, hours) for loads in (0, len(_LOADS))]


def main() -> None:
    """Measure and print."""
    options = parser("pulse", __doc__)
    options.add_argument("--day", type=date.fromisoformat, default=date(2026, 6, 15))
    options.add_argument("--seed", type=int, default=7, help="of the simulated home")
    options.add_argument("--hours", type=float, default=14.0)
    arguments = options.parse_args()
    pulses = run(_all(arguments.day, arguments.seed, arguments.hours))
    numbers = {"pulses": [asdict(pulse) for pulse in pulses]}
    publish(_table(pulses), numbers, arguments.json)


if __name__ == "__main__":
    main()
