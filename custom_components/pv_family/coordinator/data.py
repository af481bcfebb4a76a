"""What a loaded home holds, and how it outlives a restart."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import EVENT_HOMEASSISTANT_FINAL_WRITE
from homeassistant.core import (
    CALLBACK_TYPE,
    CoreState,
    Event,
    HassJob,
    HomeAssistant,
    callback,
)
from homeassistant.helpers.event import async_call_later
from homeassistant.helpers.storage import Store

from ..const import (
    CONF_PEAK_POWER,
    DOMAIN,
    LOGGER,
    SUBENTRY_INVERTER,
    SUBENTRY_ROOF_ARRAY,
)
from ..control.write_ledger import WriteLedger
from ..devices.device import Capability
from ..readings.energy_book import EnergyBook
from ..readings.ledger import Ledger
from ..readings.sign_witness import SignWitness
from .journal import HomeJournal

if TYPE_CHECKING:
    from .control import ControlCoordinator
    from .device import DeviceCoordinator
    from .home import HomeCoordinator
    from .market import MarketCoordinator
    from .outlook import OutlookCoordinator
    from .plant_books import PlantBooks

type PvFamilyConfigEntry = ConfigEntry[PvFamilyData]

_STORE_VERSION: Final = 1
# What a crash may cost of power-counted energy; registers make up for it.
_SAVE_DELAY: Final = 60.0


class PvFamilyData:
    """What a loaded home holds: its ledger, its books and its rooms."""

    def __init__(self, hass: HomeAssistant, entry: PvFamilyConfigEntry) -> None:
        """Start empty; `async_restore` brings back what was learned."""
        self.ledger = Ledger()
        self.book = EnergyBook()
        self.witness = SignWitness()
        self.devices: dict[str, DeviceCoordinator] = {}
        self.learned: dict[str, frozenset[Capability]] = {}
        self.memories: dict[str, dict[str, Any]] = {}
        self.writes = WriteLedger()
        self.journal = HomeJournal(hass, entry.entry_id)
        self.home: HomeCoordinator
        self.outlook: OutlookCoordinator
        self.control: ControlCoordinator | None = None
        self.control_state: dict[str, Any] = {}
        self.plant: PlantBooks | None = None
        self.plant_state: dict[str, Any] | None = None
        self.market: MarketCoordinator | None = None
        self.market_state: dict[str, Any] = {}
        self._by_serial: dict[str, DeviceCoordinator] = {}
        self._saving: CALLBACK_TYPE | None = None
        self._closed = False
        self._entry = entry
        self._hass = hass
        # A power cut in mid-write leaves the old state, not half of the new one.
        self._store: Store[dict[str, Any]] = Store(
            hass, _STORE_VERSION, f"{DOMAIN}.{entry.entry_id}", atomic_writes=True
        )

    async def async_restore(self) -> None:
        """Take up what the last run knew; what cannot be read is left behind."""
        stored = await self._store.async_load()
        taken = 0 if stored is None else stored.get("journal")
        await self.journal.async_open(
            taken if isinstance(taken, int) else 0, self._entry.subentries
        )
        if stored is not None:
            self._take_up(stored)
        # From here on there is something to write that was not there before.
        self._entry.async_on_unload(
            self._hass.bus.async_listen(
                EVENT_HOMEASSISTANT_FINAL_WRITE, self._async_final_save
            )
        )
        self._entry.async_on_unload(self._async_close)

    def _take_up(self, stored: Mapping[str, Any]) -> None:
        """Restore part by part: what is damaged in one spoils no other."""
        parts: dict[str, Callable[[Any], None]] = {
            "counters": self.ledger.restore_counters,
            "book": self.book.restore,
            "learned": self._restore_learned,
            "memories": self._restore_memories,
            "writes": self.writes.restore,
        }
        if stored.get("plant") is not None:
            parts["plant"] = self._restore_plant
        if "control" in stored:
            parts["control"] = self._restore_control
        if "market" in stored:
            parts["market"] = self._restore_market
        for name, restore in parts.items():
            try:
                restore(stored[name])
            except (AttributeError, KeyError, TypeError, ValueError) as err:
                LOGGER.warning(
                    "The stored energy counters are damaged and start anew: %s: %r",
                    name,
                    err,
                )

    def _restore_learned(self, stored: Mapping[str, list[list[str]]]) -> None:
        self.learned = {
            subentry_id: frozenset(Capability(*item) for item in capabilities)
            for subentry_id, capabilities in stored.items()
        }

    def _restore_plant(self, stored: Mapping[str, Any]) -> None:
        self.plant_state = dict(stored)

    def _restore_control(self, stored: Mapping[str, Any]) -> None:
        self.control_state = dict(stored)

    def _restore_market(self, stored: Mapping[str, Any]) -> None:
        self.market_state = dict(stored)

    def _restore_memories(self, stored: Mapping[str, dict[str, Any]]) -> None:
        self.memories = dict(stored)

    def as_dict(self) -> dict[str, Any]:
        """Return what the next run needs to know."""
        learned, memories = dict(self.learned), dict(self.memories)
        for subentry_id, device in self.devices.items():
            learned[subentry_id] = device.capabilities
            memories[subentry_id] = device.memory()
        # A home that failed to start keeps what it knew of devices it did not come to.
        stay = self._entry.subentries
        return {
            "counters": self.ledger.counters_as_list(),
            "book": self.book.as_dict(),
            "learned": {
                subentry_id: sorted([str(c.part), str(c.name)] for c in capabilities)
                for subentry_id, capabilities in learned.items()
                if subentry_id in stay
            },
            "memories": {
                subentry_id: memory
                for subentry_id, memory in memories.items()
                if memory and subentry_id in stay
            },
            "writes": self.writes.as_dict(),
            "plant": (self.plant_state if self.plant is None else self.plant.as_dict()),
            "control": (
                self.control_state if self.control is None else self.control.as_dict()
            ),
            "market": (
                self.market_state if self.market is None else self.market.as_dict()
            ),
            "journal": self.journal.taken,
        }

    @callback
    def save_soon(self) -> None:
        """Write to disk within a minute, and when Home Assistant stops."""
        if self._saving is None and not self._closed:
            # Asking again would put the write off again, beat after beat.
            # What stops the house writes by itself.
            job = HassJob(self._async_save, cancel_on_shutdown=True)
            self._saving = async_call_later(self._hass, _SAVE_DELAY, job)

    async def _async_save(self, now: datetime) -> None:
        self._saving = None
        await self.async_save()

    async def _async_final_save(self, event: Event) -> None:
        await self.async_save()

    async def async_save(self) -> None:
        """Write to disk now, and forget the journal as far as that holds it."""
        if self._saving is not None:
            self._saving()
            self._saving = None
        state = self.as_dict()
        await self._store.async_save(state)
        # While Home Assistant stops, the store waits for the end before it writes.
        if self.journal.used and self._hass.state is not CoreState.stopping:
            # The store logs a failed write and says nothing: look for ourselves.
            stored = await self._store.async_load()
            if stored is not None and stored.get("journal") == state["journal"]:
                await self.journal.async_drop(state["journal"])

    async def _async_close(self) -> None:
        """Write no more: the next run of the home takes over."""
        self._closed = True
        await self.journal.async_close()

    async def async_remove(self) -> None:
        """Forget the home for good."""
        await self._store.async_remove()
        await self.journal.async_remove()

    @property
    def by_serial(self) -> Mapping[str, DeviceCoordinator]:
        """Return every device by its lasting identity."""
        if len(self._by_serial) != len(self.devices):
            self._by_serial = {d.serial: d for d in self.devices.values()}
        return self._by_serial

    def peak_power(self, inverter_id: str) -> float | None:
        """Return the peak power in W of the arrays wired to an inverter.

        Args:
            inverter_id: The inverter's subentry.
        """
        inverters = self._entry.get_subentries_of_type(SUBENTRY_INVERTER)
        alone = sum(1 for _ in inverters) == 1
        peaks = [
            float(array.data[CONF_PEAK_POWER]) * 1000
            for array in self._entry.get_subentries_of_type(SUBENTRY_ROOF_ARRAY)
            if array.data.get(SUBENTRY_INVERTER) == inverter_id
            or (alone and not array.data.get(SUBENTRY_INVERTER))
        ]
        return sum(peaks) or None
