"""A simulated home as Modbus devices: the state of an instant, with its faults."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from .array import StringCondition
from .faults import (
    CounterReset,
    CounterSpike,
    DeadString,
    Faults,
    GarbageScaleFactor,
    MovedMap,
    Night,
    SerialNumber,
    ShadedString,
    SoiledString,
    TruncatedChain,
    WrongMeterSign,
)
from .home import SimulatedHome
from .registers import RegisterImage, UnknownUnitError, read_image
from .state import EnergyCounters, HomeState
from .sunspec import (
    MODELS,
    ChainOptions,
    EncodedModel,
    VendorModel,
    encode_chain,
    join,
    unit_chains,
)

REFRESH = timedelta(milliseconds=200)
_INVERTER_MODELS = frozenset({101, 103, 111, 113, 701})
_METER_MODELS = frozenset({201, 203, 211, 213})
_EXTRA_MODEL = 64999


def _utc_now() -> datetime:
    """Return the present instant."""
    return datetime.now(UTC)


class SimulatedDevice:
    """The devices of a home behind their unit ids.

    All units show the same instant; it is renewed at most every 200 ms and whenever a
    fault changes, so one poll of several reads sees one picture.
    """

    def __init__(
        self,
        home: SimulatedHome,
        chains: Mapping[int, ChainOptions] | None = None,
        faults: Faults | None = None,
        now: Callable[[], datetime] = _utc_now,
    ) -> None:
        """Serve `home` as the usual devices, or as those of `chains`."""
        self.home = home
        self.chains = unit_chains(home.config) if chains is None else chains
        self.faults = Faults() if faults is None else faults
        self._now = now
        self._state: HomeState | None = None
        self._version = -1
        self._images: dict[int, RegisterImage] = {}
        self._spiked: dict[int, RegisterImage] = {}
        self._at_reset: EnergyCounters | None = None

    @property
    def state(self) -> HomeState:
        """The true state of the home at the instant that is being shown."""
        return self._refresh()

    def image(self, unit: int) -> RegisterImage:
        """Return all registers of a unit.

        Raises:
            UnknownUnitError: nothing answers behind this unit id.
        """
        state = self._refresh()
        options = self.chains.get(unit)
        if options is None:
            raise UnknownUnitError(f"unit {unit}")
        if unit not in self._images:
            self._images[unit] = self._encode(self._shown(state), options)
        return self._images[unit]

    def read(self, unit: int, address: int, count: int) -> list[int]:
        """Return registers of a unit; the one read that meets a spike ends it.

        Raises:
            RegisterError: the device answers with an exception.
        """
        registers = read_image(self.image(unit), address, count)
        spike = self.faults.get(CounterSpike)
        if spike is None or self._state is None:
            return registers
        if unit not in self._spiked:
            shown = self._shown(self._state)
            energy = shown.energy
            shown = replace(
                shown,
                energy=replace(energy, inverter_ac=energy.inverter_ac + spike.energy),
            )
            self._spiked[unit] = self._encode(shown, self.chains[unit])
        spiked = read_image(self._spiked[unit], address, count)
        if spiked != registers:
            self.faults.clear(CounterSpike)
        return spiked

    def _refresh(self) -> HomeState:
        """Let the home live until now, unless its picture is fresh."""
        now = self._now()
        version = self.faults.version
        state = self._state
        if (
            state is not None
            and version == self._version
            and abs(now - state.time) < REFRESH
        ):
            return state
        self.home.conditions = self._conditions()
        # A clock that is set back must not stop the home.
        at = now if state is None else max(now, state.time)
        self._state = state = self.home.step(at)
        self._version = version
        if self.faults.get(CounterReset) is None:
            self._at_reset = None
        elif self._at_reset is None:
            self._at_reset = state.energy
        self._images = {}
        self._spiked = {}
        return state

    def _conditions(self) -> dict[int, StringCondition]:
        """Return what the faults do to the strings."""
        conditions: dict[int, StringCondition] = {}

        def condition(string: int) -> StringCondition:
            return conditions.get(string, StringCondition())

        if dead := self.faults.get(DeadString):
            conditions[dead.string] = StringCondition(dead=True)
        if soiled := self.faults.get(SoiledString):
            conditions[soiled.string] = replace(
                condition(soiled.string), soiling=soiled.share
            )
        if shaded := self.faults.get(ShadedString):
            conditions[shaded.string] = replace(
                condition(shaded.string), shade=shaded.share
            )
        return conditions

    def _shown(self, state: HomeState) -> HomeState:
        """Return the state with the counters that the inverter shows."""
        if self._at_reset is None:
            return state
        energy = state.energy
        return replace(
            state,
            energy=replace(
                energy,
                inverter_ac=energy.inverter_ac - self._at_reset.inverter_ac,
                strings_dc=tuple(
                    now - then
                    for now, then in zip(
                        energy.strings_dc, self._at_reset.strings_dc, strict=True
                    )
                ),
            ),
            strings=tuple(
                replace(string, energy=string.energy - then)
                for string, then in zip(
                    state.strings, self._at_reset.strings_dc, strict=True
                )
            ),
        )

    def _encode(self, state: HomeState, options: ChainOptions) -> RegisterImage:
        """Return the registers of a chain, with the faults that concern them."""
        faults = self.faults
        if night := faults.get(Night):
            options = replace(options, sleeping=night.state)
        inverter = any(model in _INVERTER_MODELS for model in options.models)
        serial = faults.get(SerialNumber)
        if serial is not None and inverter:
            identity = replace(options.identity, serial=serial.serial)
            options = replace(options, identity=identity)
        encoded = encode_chain(state, options)
        if faults.get(WrongMeterSign) is not None:
            swapped = encode_chain(_meter_reversed(state), options)
            encoded = [
                wrong if right.id in _METER_MODELS else right
                for right, wrong in zip(encoded, swapped, strict=True)
            ]
        if garbage := faults.get(GarbageScaleFactor):
            for model in encoded:
                _spoil_scale_factor(model, garbage.value)
        if (moved := faults.get(MovedMap)) and inverter:
            at = next(n for n, m in enumerate(encoded) if m.id in _INVERTER_MODELS)
            encoded.insert(at, VendorModel(_EXTRA_MODEL, moved.length).encode())
        end = options.end and faults.get(TruncatedChain) is None
        return dict(enumerate(join(encoded, end=end), start=options.base))


def _meter_reversed(state: HomeState) -> HomeState:
    """Return the state as a meter mounted the wrong way round sees it."""
    energy = state.energy
    return replace(
        state,
        grid=-state.grid,
        grid_phases=tuple(-power for power in state.grid_phases),
        energy=replace(
            energy, grid_import=energy.grid_export, grid_export=energy.grid_import
        ),
    )


def _spoil_scale_factor(model: EncodedModel, value: int) -> None:
    """Overwrite the scale factor of an inverter model's power."""
    table = MODELS.get(model.id)
    if table is None or model.id not in _INVERTER_MODELS:
        return
    offset = table.offset("W_SF")
    if offset is not None:
        model.registers[offset] = value & 0xFFFF
