"""The sensors of how the plant does: yields, ratios, availability, losses, the grid."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from homeassistant.components.sensor import SensorDeviceClass, SensorStateClass
from homeassistant.const import (
    PERCENTAGE,
    EntityCategory,
    UnitOfElectricPotential,
    UnitOfEnergy,
    UnitOfTime,
)

from ..coordinator import PlantBooks
from ..plant.books.summary import Summary, known
from ..plant.kpi.periods import Calendar
from ..plant.losses.cause import BY_EVIDENCE, Cause
from ..shown import ShownDescription

SPECIFIC_YIELD_UNIT: Final = "kWh/kWp"
_WORDS: Final = {
    Calendar.DAY: "today",
    Calendar.MONTH: "month",
    Calendar.YEAR: "year",
}


@dataclass(frozen=True, kw_only=True)
class PlantDescription(ShownDescription):
    """How one figure of the plant is shown.

    Attributes:
        value_fn: The figure, or ``None`` while it is not known.
        attributes_fn: What to say besides, not recorded.
        period: Since when it counts, if it starts anew with a period.
    """

    value_fn: Callable[[PlantBooks], float | None]
    attributes_fn: Callable[[PlantBooks], dict[str, Any]] | None = None
    digits: int = 1
    period: Calendar | None = None


def _of(
    calendar: Calendar, figure: Callable[[Summary], float | None], scale: float = 1.0
) -> Callable[[PlantBooks], float | None]:
    """Return what reads a figure of a running period."""

    def read(books: PlantBooks) -> float | None:
        summary = books.data.periods.get(calendar)
        value = None if summary is None else known(figure(summary))
        return None if value is None else scale * value

    return read


def _percent(
    key: str,
    value_fn: Callable[[PlantBooks], float | None],
    *,
    enabled: bool,
    attributes_fn: Callable[[PlantBooks], dict[str, Any]] | None = None,
) -> PlantDescription:
    return PlantDescription(
        key=key,
        translation_key=key,
        native_unit_of_measurement=PERCENTAGE,
        state_class=SensorStateClass.MEASUREMENT,
        suggested_display_precision=1,
        entity_registry_enabled_default=enabled,
        value_fn=value_fn,
        attributes_fn=attributes_fn,
    )


def _specific_yield(calendar: Calendar) -> PlantDescription:
    key = f"specific_yield_{_WORDS[calendar]}"
    return PlantDescription(
        key=key,
        translation_key=key,
        native_unit_of_measurement=SPECIFIC_YIELD_UNIT,
        state_class=SensorStateClass.TOTAL,
        suggested_display_precision=2,
        value_fn=_of(calendar, lambda summary: summary.specific_yield),
        digits=3,
        period=calendar,
    )


def ratio_attributes(summary: Summary | None) -> dict[str, Any]:
    """Return how sure a performance ratio is, and of how much of the time it tells."""
    if summary is None or summary.ratio_uncertainty is None:
        return {}
    return {
        "irradiance_source": summary.source,
        "uncertainty": round(100.0 * summary.ratio_uncertainty, 1),
        "coverage": round(100.0 * summary.performance.coverage, 1),
    }


def _ratios(calendar: Calendar) -> tuple[PlantDescription, PlantDescription]:
    word = _WORDS[calendar]

    def attributes(books: PlantBooks) -> dict[str, Any]:
        return ratio_attributes(books.data.periods.get(calendar))

    return (
        _percent(
            f"performance_ratio_{word}",
            _of(calendar, lambda summary: summary.performance.ratio, 100.0),
            enabled=True,
            attributes_fn=attributes,
        ),
        _percent(
            f"performance_ratio_stc_{word}",
            _of(calendar, lambda summary: summary.performance.ratio_stc, 100.0),
            enabled=False,
            attributes_fn=attributes,
        ),
    )


def _latest(stc: bool) -> Callable[[PlantBooks], float | None]:
    def read(books: PlantBooks) -> float | None:
        if (sums := books.data.latest) is None:
            return None
        value = known(sums.ratio_stc if stc else sums.ratio)
        return None if value is None else 100.0 * value

    return read


def availability_attributes(
    books: PlantBooks, calendar: Calendar, name: str | None = None
) -> dict[str, Any]:
    """Return the hours behind an availability."""
    availability = availability_of(books, calendar, name)
    if availability is None:
        return {}
    return {
        "useful_hours": round(availability.useful_hours, 2),
        "unknown_hours": round(availability.unknown_hours, 2),
        "planned_hours": round(availability.planned_hours, 2),
        "unplanned_hours": round(availability.unplanned_hours, 2),
    }


def availability_of(
    books: PlantBooks, calendar: Calendar, name: str | None = None
) -> Any:
    """Return the availability of a component, or of the plant, in a running period."""
    if (summary := books.data.periods.get(calendar)) is None:
        return None
    planned = [each.downtime for each in books.planned]
    if name is None:
        return summary.availability(planned)
    part = summary.components.get(name)
    return None if part is None else part.availability(name, planned)


def availability_description(
    calendar: Calendar, figure: str, *, enabled: bool, name: str | None = None
) -> PlantDescription:
    """Return how an availability is shown.

    Args:
        calendar: Of which running period.
        figure: Which share of `Availability`.
        enabled: Whether it is shown unless the user says otherwise.
        name: Of which component; ``None`` is the whole plant.
    """
    prefix = {
        "technical": "availability",
        "contractual": "availability_unplanned",
        "energy_technical": "energy_availability",
    }[figure]

    def read(books: PlantBooks) -> float | None:
        availability = availability_of(books, calendar, name)
        share = None if availability is None else known(getattr(availability, figure))
        return None if share is None else 100.0 * share

    return _percent(
        f"{prefix}_{_WORDS[calendar]}",
        read,
        enabled=enabled,
        attributes_fn=lambda books: availability_attributes(books, calendar, name),
    )


def _lost(
    calendar: Calendar, cause: Cause | None, *, enabled: bool
) -> PlantDescription:
    word = _WORDS[calendar]
    key = f"lost_{word}" if cause is None else f"lost_{cause}_{word}"

    def figure(summary: Summary) -> float | None:
        return summary.lost if cause is None else summary.lost_to(cause)

    return PlantDescription(
        key=key,
        translation_key=key,
        device_class=SensorDeviceClass.ENERGY,
        native_unit_of_measurement=UnitOfEnergy.KILO_WATT_HOUR,
        state_class=SensorStateClass.TOTAL,
        suggested_display_precision=2,
        entity_registry_enabled_default=enabled,
        value_fn=_of(calendar, figure, 1e-3),
        attributes_fn=(
            (lambda books: _book_attributes(books.data.periods.get(calendar)))
            if cause is None
            else None
        ),
        digits=3,
        period=calendar,
    )


def _book_attributes(summary: Summary | None) -> dict[str, Any]:
    if summary is None or (error := summary.stated_error) is None:
        return {}
    waterfall: Mapping[Cause, float] = dict(summary.losses.waterfall())
    largest = max(
        BY_EVIDENCE,
        key=lambda cause: waterfall[cause],
    )
    return {
        "closes": summary.closes,
        "stated_error": round(error / 1000.0, 3),
        "unknown": round(summary.losses.unknown / 1000.0, 3),
        "largest_cause": largest if waterfall[largest] > 0.0 else None,
    }


def _voltage(
    key: str, figure: Callable[[Summary], float | None], *, enabled: bool
) -> PlantDescription:
    return PlantDescription(
        key=key,
        translation_key=key,
        device_class=SensorDeviceClass.VOLTAGE,
        native_unit_of_measurement=UnitOfElectricPotential.VOLT,
        state_class=SensorStateClass.MEASUREMENT,
        suggested_display_precision=1,
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=enabled,
        value_fn=_of(Calendar.DAY, figure),
    )


def _capacity(calendar: Calendar) -> PlantDescription:
    return _percent(
        f"capacity_factor_{_WORDS[calendar]}",
        _of(calendar, lambda summary: summary.capacity_factor, 100.0),
        enabled=False,
    )


_ALL: Final = tuple(_WORDS)
PLANT_DESCRIPTIONS: Final[tuple[PlantDescription, ...]] = (
    *(_specific_yield(calendar) for calendar in _ALL),
    *(_capacity(calendar) for calendar in _ALL),
    _percent("performance_ratio", _latest(stc=False), enabled=True),
    _percent("performance_ratio_stc", _latest(stc=True), enabled=False),
    *(description for calendar in _ALL for description in _ratios(calendar)),
    availability_description(Calendar.MONTH, "technical", enabled=True),
    availability_description(Calendar.YEAR, "technical", enabled=True),
    availability_description(Calendar.MONTH, "contractual", enabled=False),
    availability_description(Calendar.YEAR, "contractual", enabled=False),
    availability_description(Calendar.MONTH, "energy_technical", enabled=False),
    availability_description(Calendar.YEAR, "energy_technical", enabled=False),
    *(_lost(calendar, None, enabled=True) for calendar in _ALL),
    *(_lost(Calendar.DAY, cause, enabled=False) for cause in Cause),
    _lost(Calendar.MONTH, Cause.OVERVOLTAGE, enabled=False),
    _voltage(
        "highest_voltage_today",
        lambda summary: summary.grid.highest_voltage,
        enabled=False,
    ),
    _voltage(
        "lowest_voltage_today",
        lambda summary: summary.grid.lowest_voltage,
        enabled=False,
    ),
    PlantDescription(
        key="voltage_unbalance_today",
        translation_key="voltage_unbalance_today",
        native_unit_of_measurement=PERCENTAGE,
        state_class=SensorStateClass.MEASUREMENT,
        suggested_display_precision=1,
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=False,
        value_fn=_of(Calendar.DAY, lambda summary: summary.grid.mean_unbalance),
        digits=2,
    ),
    PlantDescription(
        key="overvoltage_time_today",
        translation_key="overvoltage_time_today",
        device_class=SensorDeviceClass.DURATION,
        native_unit_of_measurement=UnitOfTime.MINUTES,
        state_class=SensorStateClass.TOTAL,
        suggested_display_precision=0,
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=False,
        value_fn=_of(Calendar.DAY, lambda summary: summary.grid.high_hours, 60.0),
        period=Calendar.DAY,
    ),
    PlantDescription(
        key="overvoltage_trips_month",
        translation_key="overvoltage_trips_month",
        state_class=SensorStateClass.TOTAL,
        entity_category=EntityCategory.DIAGNOSTIC,
        value_fn=_of(Calendar.MONTH, lambda summary: summary.grid.trips),
        digits=0,
        period=Calendar.MONTH,
    ),
    _percent(
        "autarky_month",
        _of(Calendar.MONTH, lambda summary: summary.self_sufficiency, 100.0),
        enabled=True,
    ),
    _percent(
        "autarky_year",
        _of(Calendar.YEAR, lambda summary: summary.self_sufficiency, 100.0),
        enabled=True,
    ),
)
