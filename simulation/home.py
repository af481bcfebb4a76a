"""A simulated solar home that lives through time."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np

from .array import HEALTHY, StringCondition, StringOutput, string_output
from .dispatch import dispatch
from .inverter import InverterState, heat_sink_temperature, inverter_state
from .load import household_load, phase_shares
from .noise import FloatArray, gaussian_noise
from .state import (
    BatteryState,
    EnergyCounters,
    EnergyInterval,
    HomeConfig,
    HomeState,
    StringState,
)
from .weather import Weather, weather_at

LIVE_STEP = 10.0
HISTORY_STEP = 60.0
MAX_STEPS = 43_200
_GRID_IMPEDANCE = 0.25
_VOLTAGE, _FREQUENCY = 60, 70


@dataclass(frozen=True, slots=True)
class _Run:
    """Powers, W, at each instant; arrays of shape (times,) or (strings, times)."""

    weather: Weather
    outputs: tuple[StringOutput, ...]
    strings: FloatArray
    pv_ac: FloatArray
    battery_dc: FloatArray
    inverter_ac: FloatArray
    load: FloatArray
    stored: FloatArray
    """Wh before each instant's power flows."""
    stored_end: float

    @property
    def grid(self) -> FloatArray:
        """+ = import."""
        return self.load - self.inverter_ac


class SimulatedHome:
    """A home whose sky and load are pure functions of time and whose battery is not.

    Two homes with the same configuration, seed and start agree; between calls of
    `step` the home is integrated with steps of at most 10 s, longer only when more
    than `MAX_STEPS` of them would be needed.
    """

    def __init__(
        self, config: HomeConfig, seed: int = 1, *, start: datetime | None = None
    ) -> None:
        """Prepare a home that begins at `start`, or else at its first step."""
        self.config = config
        self.seed = seed
        self.conditions: Mapping[int, StringCondition] = {}
        """What is wrong with which string, by index; may be replaced at any time."""
        self.extra_load = 0.0
        """What is switched on besides the household, W; may change at any time."""
        self._time = None if start is None else start.timestamp()
        battery = config.battery
        self._stored = 0.0 if battery is None else battery.capacity * config.initial_soc
        padding = (0.0,) * len(config.strings)
        life = config.lifetime
        self._energy = EnergyCounters(
            inverter_ac=life.inverter_ac,
            pv_ac=life.pv_ac,
            strings_dc=(life.strings_dc + padding)[: len(config.strings)],
            load=life.load,
            grid_import=life.grid_import,
            grid_export=life.grid_export,
            battery_charge=life.battery_charge,
            battery_discharge=life.battery_discharge,
        )

    def step(self, t: datetime) -> HomeState:
        """Live until `t` and return the state at that instant.

        Raises:
            ValueError: `t` lies before the last step or has no time zone.
        """
        if t.tzinfo is None:
            raise ValueError("the time of a step needs a time zone")
        now = t.timestamp()
        begin = now if self._time is None else self._time
        if now < begin:
            raise ValueError(f"{t} lies before the last step of the home")
        if now > begin:
            count = min(int(np.ceil((now - begin) / LIVE_STEP)), MAX_STEPS)
            dt = (now - begin) / count
            run = self._run(_midpoints(begin, count, dt), dt, self._stored)
            self._energy = _sum(self._energy, _energies(run, dt))
            self._stored = run.stored_end
        self._time = now
        return self._state(now)

    def history(
        self, start: datetime, end: datetime, hours: int = 1
    ) -> list[EnergyInterval]:
        """Return the energies of every interval of `hours` from `start` before `end`.

        The home of the answer begins at `start` with the configured state of charge
        and healthy strings; this home does not change. A last interval that would end
        after `end` is left out.
        """
        count = int((end - start) / timedelta(hours=hours))
        steps = int(hours * 3600 / HISTORY_STEP)
        begin = start.timestamp()
        fresh = SimulatedHome(self.config, self.seed, start=start)
        result = []
        for first in range(0, count, 24):
            intervals = min(24, count - first)
            edge = begin + first * hours * 3600.0
            times = _midpoints(edge, intervals * steps, HISTORY_STEP)
            run = fresh._run(times, HISTORY_STEP, fresh._stored)
            fresh._stored = run.stored_end
            stored = np.append(run.stored[steps::steps], run.stored_end)
            for number in range(intervals):
                part = slice(number * steps, (number + 1) * steps)
                battery = self.config.battery
                result.append(
                    EnergyInterval(
                        start=datetime.fromtimestamp(edge, UTC)
                        + timedelta(hours=number * hours),
                        hours=hours,
                        energy=_energies(run, HISTORY_STEP, part),
                        soc=None
                        if battery is None
                        else float(stored[number]) / battery.capacity,
                    )
                )
        return result

    def _run(self, times: FloatArray, dt: float, stored: float) -> _Run:
        """Follow the home through `times`, each of which lasts `dt` seconds."""
        config = self.config
        battery = config.battery
        inverter = config.inverter
        weather = weather_at(config.site, self.seed, times)
        outputs = tuple(
            string_output(string, weather, self.conditions.get(number, HEALTHY))
            for number, string in enumerate(config.strings)
        )
        powers = np.stack([output.power for output in outputs])
        available = powers.sum(axis=0)
        load = household_load(config.site, self.seed, times, config.load_scale)
        load = load + self.extra_load
        flows = np.empty((4, len(times)))
        for number, (pv, demand) in enumerate(
            zip(available.tolist(), load.tolist(), strict=True)
        ):
            flow = dispatch(
                inverter, battery, pv_available=pv, load=demand, stored=stored, dt=dt
            )
            flows[:, number] = (
                flow.pv_dc,
                flow.battery_dc,
                flow.inverter_ac,
                stored,
            )
            if battery is not None:
                stored = battery.stored_after(stored, flow.battery_dc, dt)
        pv_dc, battery_dc, inverter_ac, stored_before = flows
        if battery is None:
            pv_ac = inverter_ac
        else:
            pv_ac = np.array([inverter.ac_power(power) for power in pv_dc.tolist()])
        share = np.divide(pv_dc, available, out=np.zeros_like(pv_dc), where=pv_dc > 0.0)
        return _Run(
            weather=weather,
            outputs=outputs,
            strings=powers * share,
            pv_ac=pv_ac,
            battery_dc=battery_dc,
            inverter_ac=inverter_ac,
            load=load,
            stored=stored_before,
            stored_end=stored,
        )

    def _state(self, now: float) -> HomeState:
        """Return the state at POSIX second `now`."""
        times = np.array([now])
        run = self._run(times, LIVE_STEP, self._stored)
        strings = tuple(
            self._string_state(run, number) for number in range(len(run.outputs))
        )
        pv_dc = sum(string.power for string in strings)
        pv_ac = float(run.pv_ac[0])
        ac = float(run.inverter_ac[0])
        load = float(run.load[0])
        phases = self.config.inverter.phases
        shares = phase_shares(self.seed, times, phases)[:, 0].tolist()
        inverter_phases = (ac / phases,) * phases
        load_phases = tuple(share * load for share in shares)
        grid_phases = tuple(
            demand - given
            for demand, given in zip(load_phases, inverter_phases, strict=True)
        )
        battery = self._battery_state(run)
        loss = pv_dc + (0.0 if battery is None else battery.power_dc) - ac
        air = float(run.weather.air_temperature[0])
        heat_sink = heat_sink_temperature(air, max(loss, 0.0), ac)
        return HomeState(
            time=datetime.fromtimestamp(now, UTC),
            config=self.config,
            strings=strings,
            pv_dc=pv_dc,
            pv_ac=pv_ac,
            inverter_ac=ac,
            inverter_phases=inverter_phases,
            conversion_loss=loss,
            load=load,
            load_phases=load_phases,
            grid=load - ac,
            grid_phases=grid_phases,
            battery=battery,
            energy=self._energy,
            inverter_state=self._inverter_state(strings, ac),
            heat_sink_temperature=heat_sink,
            cabinet_temperature=air + 0.6 * (heat_sink - air),
            phase_voltages=self._phase_voltages(times, grid_phases),
            frequency=50.0
            + 0.02
            * float(
                gaussian_noise(
                    self.seed, _FREQUENCY, times, ((300.0, 1.0), (15.0, 0.5))
                )[0]
            ),
            ghi=float(run.weather.ghi[0]),
            clear_sky_ghi=float(run.weather.clear_sky_ghi[0]),
            air_temperature=air,
            wind_speed=float(run.weather.wind_speed[0]),
            sun_elevation=float(run.weather.sun.elevation[0]),
        )

    def _string_state(self, run: _Run, number: int) -> StringState:
        """Return one string; away from its maximum power point the voltage rises."""
        output = run.outputs[number]
        available = float(output.power[0])
        power = float(run.strings[number, 0])
        share = power / available if available > 0.0 else 0.0
        voltage = float(output.voltage[0]) * (1.0 + 0.18 * (1.0 - share))
        return StringState(
            name=self.config.strings[number].name,
            voltage=voltage,
            current=power / voltage if voltage > 0.0 else 0.0,
            power=power,
            energy=self._energy.strings_dc[number],
            poa_global=float(output.poa_global[0]),
            temp_cell=float(output.temp_cell[0]),
            available=available,
        )

    def _battery_state(self, run: _Run) -> BatteryState | None:
        """Return the battery, or None without one."""
        battery = self.config.battery
        if battery is None:
            return None
        power = float(run.battery_dc[0])
        voltage = battery.voltage(self._stored, power)
        return BatteryState(
            power_dc=power,
            power_ac=float(run.inverter_ac[0] - run.pv_ac[0]),
            voltage=voltage,
            current=power / voltage,
            soc=self._stored / battery.capacity,
            stored=self._stored,
        )

    def _inverter_state(
        self, strings: tuple[StringState, ...], ac_power: float
    ) -> InverterState:
        """Return the state that the trackers and the output show."""
        taken = sum(string.power for string in strings)
        available = sum(string.available for string in strings)
        return inverter_state(
            voltage=max(string.voltage for string in strings),
            harvesting=taken > 0.0,
            throttled=0.0 < taken < 0.999 * available,
            ac_power=ac_power,
        )

    def _phase_voltages(
        self, times: FloatArray, grid_phases: tuple[float, ...]
    ) -> tuple[float, ...]:
        """Return V from phase to neutral; feeding in lifts them."""
        octaves = ((5400.0, 1.0), (240.0, 0.35), (20.0, 0.15))
        return tuple(
            231.0
            + 1.6 * float(gaussian_noise(self.seed, _VOLTAGE + n, times, octaves)[0])
            - _GRID_IMPEDANCE * power / 230.0
            for n, power in enumerate(grid_phases)
        )


def _midpoints(begin: float, count: int, dt: float) -> FloatArray:
    """Return the middles of `count` steps of `dt` seconds from `begin`."""
    times: FloatArray = begin + (np.arange(count, dtype=np.float64) + 0.5) * dt
    return times


def _energies(run: _Run, dt: float, part: slice = slice(None)) -> EnergyCounters:
    """Return what flowed during `part` of a run, Wh."""

    def total(power: FloatArray) -> float:
        return float(power[part].sum()) * dt / 3600.0

    return EnergyCounters(
        inverter_ac=total(run.inverter_ac),
        pv_ac=total(run.pv_ac),
        strings_dc=tuple(total(power) for power in run.strings),
        load=total(run.load),
        grid_import=total(np.maximum(run.grid, 0.0)),
        grid_export=total(np.maximum(-run.grid, 0.0)),
        battery_charge=total(np.maximum(-run.battery_dc, 0.0)),
        battery_discharge=total(np.maximum(run.battery_dc, 0.0)),
    )


def _sum(a: EnergyCounters, b: EnergyCounters) -> EnergyCounters:
    """Return the sum of two sets of counters."""
    return EnergyCounters(
        inverter_ac=a.inverter_ac + b.inverter_ac,
        pv_ac=a.pv_ac + b.pv_ac,
        strings_dc=tuple(
            x + y for x, y in zip(a.strings_dc, b.strings_dc, strict=True)
        ),
        load=a.load + b.load,
        grid_import=a.grid_import + b.grid_import,
        grid_export=a.grid_export + b.grid_export,
        battery_charge=a.battery_charge + b.battery_charge,
        battery_discharge=a.battery_discharge + b.battery_discharge,
    )
