"""Repairs about loads that do not obey."""

from collections.abc import Mapping

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir

from ..const import DOMAIN
from .load_unit import LoadUnit


class LoadAlerts:
    """Tells of loads that do not obey, and of those that do again."""

    def __init__(self, hass: HomeAssistant) -> None:
        """Have told nothing yet."""
        self._hass = hass
        self._told: frozenset[str] = frozenset()

    @callback
    def report(self, units: Mapping[str, LoadUnit]) -> None:
        """Bring the repairs up to date.

        Args:
            units: The home's loads by subentry.
        """
        told = frozenset(
            unit.key for unit in units.values() if unit.enabled and unit.orders.disobeys
        )
        for key in told - self._told:
            unit = units[key]
            ir.async_create_issue(
                self._hass,
                DOMAIN,
                f"load_disobeys_{key}",
                is_fixable=False,
                severity=ir.IssueSeverity.WARNING,
                translation_key="load_disobeys",
                translation_placeholders={
                    "name": unit.settings.title,
                    "entity": unit.actuator.entity,
                },
            )
        for key in self._told - told:
            ir.async_delete_issue(self._hass, DOMAIN, f"load_disobeys_{key}")
        self._told = told
