"""Propose how the roof lies, from what it has produced; the user decides."""

import asyncio
from datetime import datetime, timedelta
from typing import Any, Final

import numpy as np
import probatio

from homeassistant.config_entries import ConfigFlowResult, OptionsFlow
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.selector import (
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
)
from homeassistant.util import dt as dt_util

from ..const import CONF_SURFACE_AZIMUTH, CONF_SURFACE_TILT, SUBENTRY_ROOF_ARRAY
from ..coordinator import PvFamilyConfigEntry
from ..coordinator.roof_plant import site_of
from ..plant.estimate.estimated import EstimatedPlane, EstimatedRoof
from ..plant.estimate.roof import LEAST_DAYS, estimate_roof
from ..plant.model.arrays import FloatArray
from ..plant.model.time_grid import TimeGrid
from ..readings.energy_book import Flow
from ..statistics import hours_of

_HISTORY: Final = timedelta(days=400)
_HOUR: Final = timedelta(hours=1)
_PLANES: Final = ("first_plane", "second_plane")


class RoofProposalSteps(OptionsFlow):
    """Look at a year of production, say how the roof lies, and apply it if wanted."""

    _estimating: asyncio.Task[EstimatedRoof | None] | None = None
    _roof: EstimatedRoof | None = None

    async def async_step_roof_proposal(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Look at the production history."""
        entry = self.config_entry
        if not entry.get_subentries_of_type(SUBENTRY_ROOF_ARRAY):
            return self.async_abort(reason="no_roof_array")
        if self._estimating is None:
            self._estimating = self.hass.async_create_task(
                async_estimate(self.hass, entry), eager_start=False
            )
        if not self._estimating.done():
            return self.async_show_progress(
                step_id="roof_proposal",
                progress_action="estimating",
                progress_task=self._estimating,
            )
        try:
            self._roof = self._estimating.result()
        except HomeAssistantError:
            return self.async_show_progress_done(next_step_id="roof_no_history")
        return self.async_show_progress_done(
            next_step_id="roof_unknown" if self._roof is None else "roof_proposed"
        )

    async def async_step_roof_no_history(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Say that there are no statistics."""
        return self.async_abort(reason="recorder_not_loaded")

    async def async_step_roof_unknown(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Say that the history does not tell."""
        return self.async_abort(
            reason="roof_unknown", description_placeholders={"days": str(LEAST_DAYS)}
        )

    async def async_step_roof_proposed(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Show the proposal, and ask which array each plane is."""
        roof = self._roof
        assert roof is not None
        arrays = self.config_entry.get_subentries_of_type(SUBENTRY_ROOF_ARRAY)
        names = {array.subentry_id: array.title for array in arrays}
        errors: dict[str, str] = {}
        if user_input is not None:
            chosen = [user_input[key] for key in _PLANES if key in user_input]
            if len(set(chosen)) == len(chosen):
                return self._apply(user_input)
            errors["base"] = "array_chosen_twice"
        selector = SelectSelector(
            SelectSelectorConfig(
                options=[
                    SelectOptionDict(value=subentry_id, label=title)
                    for subentry_id, title in names.items()
                ],
                mode=SelectSelectorMode.DROPDOWN,
            )
        )
        keys = _PLANES[: min(len(roof.planes), len(names))]
        return self.async_show_form(
            step_id="roof_proposed",
            data_schema=probatio.Schema(
                {probatio.Optional(key): selector for key in keys}
            ),
            errors=errors,
            description_placeholders={
                "planes": "\n".join(_described(plane) for plane in roof.planes),
                "days": str(roof.days),
                "residual": f"{100.0 * roof.residual:.1f}",
            },
        )

    def _apply(self, chosen: dict[str, Any]) -> ConfigFlowResult:
        """Give each chosen array the tilt and azimuth of its plane."""
        assert self._roof is not None
        entry = self.config_entry
        for key, plane in zip(_PLANES, self._roof.planes, strict=False):
            array = entry.subentries.get(chosen.get(key, ""))
            if array is None:
                continue
            self.hass.config_entries.async_update_subentry(
                entry,
                array,
                data={
                    **array.data,
                    CONF_SURFACE_TILT: float(round(plane.surface_tilt)),
                    CONF_SURFACE_AZIMUTH: float(round(plane.surface_azimuth) % 360),
                },
            )
        return self.async_create_entry(data=dict(entry.options))


async def async_estimate(
    hass: HomeAssistant, entry: PvFamilyConfigEntry
) -> EstimatedRoof | None:
    """Return how the roof of a home lies, as far as its production tells.

    Raises:
        HomeAssistantError: There are no statistics.
    """
    end = dt_util.utcnow().replace(minute=0, second=0, microsecond=0)
    start = end - _HISTORY
    hours = await hours_of(hass, entry).async_shown(Flow.PRODUCTION, start, end)
    grid = TimeGrid(start, _HOUR, _HISTORY // _HOUR)
    return await hass.async_add_executor_job(
        lambda: estimate_roof(grid, hourly_power(grid, hours), site_of(hass, entry))
    )


def hourly_power(grid: TimeGrid, hours: dict[datetime, float]) -> FloatArray:
    """Return the mean power of each hour of a grid in W; NaN where none is known.

    Args:
        grid: Of hours.
        hours: Energy of each known hour in Wh.
    """
    power = np.full(grid.count, np.nan)
    for hour, energy in hours.items():
        if 0 <= (index := grid.index(hour)) < grid.count:
            power[index] = energy
    return power


def _described(plane: EstimatedPlane) -> str:
    """Return a plane in words of numbers: tilt, azimuth and size."""
    return (
        f"- {plane.surface_tilt:.0f}° ± {plane.tilt_std:.0f}°, "
        f"{plane.surface_azimuth:.0f}° ± {plane.azimuth_std:.0f}°, "
        f"{plane.power / 1000.0:.1f} kW"
    )
