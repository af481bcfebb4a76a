"""What the actions answer about a plant: plain numbers with their units in the name."""

from typing import Any, Final

from .coordinator import PlantBooks
from .plant.books.summary import ComponentSums, Summary, known
from .plant.kpi.availability import Availability
from .readings.energy_book import Flow

_YEAR: Final = 300
"""Days from which the mean temperature of the cells is that of a year."""


def losses_of(summary: Summary) -> dict[str, Any]:
    """Return the waterfall from a cloudless sky to the harvest."""
    losses, error = summary.losses, summary.stated_error
    return {
        "days": summary.days,
        "theory_kwh": _kwh(losses.theory),
        "potential_kwh": _kwh(losses.potential),
        "harvest_kwh": _kwh(losses.harvest),
        "unmeasured_kwh": _kwh(losses.unmeasured),
        "causes": [
            {"cause": str(cause), "kwh": _kwh(energy)}
            for cause, energy in losses.waterfall()
        ],
        "stated_error_kwh": _kwh(error),
        "closes": summary.closes,
        "irradiance_source": _text(summary.source),
    }


def kpis_of(summary: Summary, year: Summary, books: PlantBooks) -> dict[str, Any]:
    """Return yields, ratios, availability and the grid's health.

    Args:
        summary: Of the period.
        year: Of the year that ends with it, for the mean temperature of the cells.
        books: The plant's books.
    """
    planned = [each.downtime for each in books.planned]
    performance = summary.performance
    warm = year.performance
    long_enough = year.days >= _YEAR and warm.known_hours > 0.0
    answer: dict[str, Any] = {
        "days": summary.days,
        "hours": round(summary.hours, 2),
        "peak_power_kwp": round(books.plant.peak_power / 1000.0, 3)
        if books.plant
        else None,
        "production_kwh": _kwh(summary.production),
        "specific_yield": _round(summary.specific_yield, 3),
        "capacity_factor": _round(summary.capacity_factor, 4),
        "performance_ratio": _round(performance.ratio, 4),
        "performance_ratio_stc": _round(performance.ratio_stc, 4),
        "performance_ratio_annual_temperature": (
            _round(performance.ratio_at(warm.mean_temperature), 4)
            if long_enough
            else None
        ),
        "cell_temperature": _round(performance.mean_temperature, 1),
        "uncertainty": _round(summary.ratio_uncertainty, 3),
        "coverage": _round(performance.coverage, 3),
        "irradiance_source": _text(summary.source),
        "availability": availability_dict(summary.availability(planned)),
        "inverters": [
            _component(name, part, part.availability(name, planned), books)
            for name, part in summary.components.items()
        ],
        "self_sufficiency": _round(summary.self_sufficiency, 4),
        "self_consumption": _round(summary.self_consumption, 4),
        "grid": _grid(summary),
        "planned_downtime": [each.as_dict() for each in books.planned],
    }
    for flow in (Flow.CONSUMPTION, Flow.GRID_IMPORT, Flow.GRID_EXPORT):
        answer[f"{flow}_kwh"] = _kwh(summary.flows.get(flow))
    return answer


def availability_dict(availability: Availability) -> dict[str, Any]:
    """Return an availability as plain numbers."""
    return {
        "technical": _round(availability.technical, 4),
        "contractual": _round(availability.contractual, 4),
        "energy_technical": _round(availability.energy_technical, 4),
        "energy_contractual": _round(availability.energy_contractual, 4),
        "useful_hours": round(availability.useful_hours, 2),
        "unknown_hours": round(availability.unknown_hours, 2),
        "planned_hours": round(availability.planned_hours, 2),
        "unplanned_hours": round(availability.unplanned_hours, 2),
        "lost_planned_kwh": _kwh(availability.lost_planned),
        "lost_unplanned_kwh": _kwh(availability.lost_unplanned),
    }


def _component(
    name: str, part: ComponentSums, availability: Availability, books: PlantBooks
) -> dict[str, Any]:
    return {
        "inverter": name,
        "name": books.title(name),
        "peak_power_kwp": round(part.peak_power / 1000.0, 3),
        "performance_ratio": _round(part.performance.ratio, 4),
        "availability": availability_dict(availability),
    }


def _grid(summary: Summary) -> dict[str, Any]:
    grid = summary.grid
    lost = {str(cause): energy for cause, energy in summary.losses.waterfall()}
    return {
        "known_hours": round(grid.hours, 2),
        "mean_voltage": _round(grid.mean_voltage, 1),
        "lowest_voltage": _round(grid.lowest_voltage, 1),
        "highest_voltage": _round(grid.highest_voltage, 1),
        "hours_above_limit": round(grid.high_hours, 3),
        "hours_below_limit": round(grid.low_hours, 3),
        "mean_unbalance": _round(grid.mean_unbalance, 2),
        "highest_unbalance": _round(grid.highest_unbalance, 2),
        "lowest_frequency": _round(grid.lowest_frequency, 3),
        "highest_frequency": _round(grid.highest_frequency, 3),
        "overvoltage_trips": grid.trips,
        "lost_to_overvoltage_kwh": _kwh(lost["overvoltage"]),
    }


def _kwh(energy: float | None) -> float | None:
    return None if energy is None else round(energy / 1000.0, 3)


def _round(value: float | None, digits: int) -> float | None:
    number = known(value)
    return None if number is None else round(number, digits)


def _text(value: object | None) -> str | None:
    return None if value is None else str(value)
