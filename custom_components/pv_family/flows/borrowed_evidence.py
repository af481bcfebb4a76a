"""The samples that tell what borrowed entities measure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from homeassistant.components.recorder import history
from homeassistant.components.recorder.statistics import statistics_during_period
from homeassistant.const import CONF_NAME, Platform, UnitOfPower
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.util import dt as dt_util

from ..const import DOMAIN
from ..coordinator.borrowed import BorrowedCoordinator, power_of
from ..coordinator.data import PvFamilyData
from ..devices.borrowed.balance import NIGHT, Assigned
from ..devices.borrowed.channel import Channel
from ..devices.borrowed.evidence import Candidate, Proposal
from ..devices.borrowed.hints import likely_role
from ..devices.borrowed.samples import Table, slot_means
from ..readings.power_flow import Role
from ..recorded import async_recorded

# Statistics of five minutes are synchronous; states of a day are enough to fill in.
_STATISTICS: Final = timedelta(days=3)
_HISTORY: Final = timedelta(days=1)

type Drafts = dict[str, dict[str, Any]]
type Terms = tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A power that the home measures without what is borrowed here."""

    role: Role
    place: str
    behind: bool
    terms: Terms


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """The samples, and what they propose."""

    table: Table
    known: tuple[Known, ...]
    proposal: Proposal


def hint_of(draft: Mapping[str, Any], *, declared: bool) -> Candidate:
    """Return what the names of a draft suggest."""
    entity = draft["power"] or draft["energy"] or ""
    return Candidate(
        likely_role(draft[CONF_NAME]) or likely_role(entity.partition(".")[2]),
        declared=declared,
    )


def terms_of(draft: Mapping[str, Any]) -> Terms:
    """Return the power of a draft as its entities give it, not turned round."""
    return Channel(role=None, power=draft["power"], power_to=draft["power_to"]).terms


def as_assigned(known: Known) -> Assigned:
    """Return a power that the home knows as one that is assigned."""
    return Assigned(known.role, behind=known.behind)


def known_powers(
    hass: HomeAssistant, data: PvFamilyData, own: str | None
) -> Iterable[Known]:
    """Yield each place that the home measures already, once."""
    registry = er.async_get(hass)
    sources = [
        (device, source)
        for subentry_id, device in data.devices.items()
        if subentry_id != own
        for source in device.sources
    ]
    outputs = {s.place for _, s in sources if s.role is Role.GENERATION}
    seen: dict[tuple[Role, str], str] = {}
    for device, source in sources:
        key = source.role, source.place
        series = source.series
        if seen.setdefault(key, series.source) != series.source:
            continue
        if isinstance(device, BorrowedCoordinator):
            terms = tuple(
                (entity, factor)
                for name, factor in device.borrowed.channels[series.part].terms
                if (entity := er.async_resolve_entity_id(registry, name))
            )
        else:
            unique_id = f"{series.source}_{series.part}_{series.quantity}"
            entity_id = registry.async_get_entity_id(Platform.SENSOR, DOMAIN, unique_id)
            terms = ((entity_id, 1.0),) if entity_id else ()
        if terms:
            yield Known(
                role=source.role,
                place=source.place,
                behind=source.role is Role.BATTERY and source.place in outputs,
                terms=terms,
            )


async def async_means(
    hass: HomeAssistant, entities: Sequence[str]
) -> dict[str, Mapping[datetime, float]]:
    """Return the mean power of each entity in W in slots of five minutes."""
    means: dict[str, Mapping[datetime, float]] = {name: {} for name in entities}
    now = dt_util.utcnow()
    if "recorder" in hass.config.components and entities:

        def read() -> None:
            rows = statistics_during_period(
                hass,
                now - _STATISTICS,
                None,
                set(entities),
                "5minute",
                {"power": UnitOfPower.WATT},
                {"mean"},
            )
            for name in entities:
                means[name] = {
                    dt_util.utc_from_timestamp(row["start"]): mean
                    for row in rows.get(name, ())
                    if (mean := row.get("mean")) is not None
                } or slot_means(
                    [
                        (state.last_updated, power_of(state))
                        for state in history.state_changes_during_period(
                            hass, now - _HISTORY, now, name
                        ).get(name, ())
                    ],
                    now - _HISTORY,
                    now,
                )

        await async_recorded(hass, read)
    if not any(means.values()):
        # Nothing was recorded: the present alone is better than nothing.
        means = {
            name: {now: power}
            for name in entities
            for power in [power_now(hass, name)]
            if power is not None
        }
    return {name: means.get(name, {}) for name in entities}


def power_now(hass: HomeAssistant, entity: str) -> float | None:
    """Return what an entity shows now in W, ``None`` if that is not known."""
    state = hass.states.get(entity)
    return None if state is None else power_of(state)


def shown_now(hass: HomeAssistant, draft: Mapping[str, Any]) -> float | None:
    """Return what a draft shows now in W, not turned round."""
    terms = terms_of(draft)
    powers = {name: power_now(hass, name) for name, _ in terms}
    known = {name: power for name, power in powers.items() if power is not None}
    return Channel(role=None, power=draft["power"], power_to=draft["power_to"]).net(
        known
    )


def night_mean(table: Table, index: int) -> float | None:
    """Return the mean of a column after dark in W, not turned round."""
    values = [
        value
        for value, elevation in zip(table.column(index), table.elevations, strict=True)
        if value is not None and elevation is not None and elevation < NIGHT
    ]
    return sum(values) / len(values) if values else None
