"""Choose the register map of an inverter that does not speak SunSpec."""

from collections.abc import Mapping
from typing import Any, Final

import probatio

from homeassistant.config_entries import ConfigSubentryFlow, SubentryFlowResult
from homeassistant.helpers.selector import (
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
)

from ..const import CONF_FAMILY, CONF_UNIT_ID
from ..devices.modbus_maps.score import Candidate
from .probe import Found, Guess, ProbeError, async_read_mapped

_SHOWN: Final = 3
_FINDINGS: Final = 5


class VendorMapSteps(ConfigSubentryFlow):
    """The step between an inverter that answers and knowing what it is."""

    _link: dict[str, Any]
    _found: Found | None
    _guess: Guess

    async def async_step_family(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Show which maps fit and why; the user decides."""
        errors: dict[str, str] = {}
        detail = ""
        if user_input is not None:
            key = user_input[CONF_FAMILY]
            try:
                self._found = await async_read_mapped(
                    self.hass, self._link, self._guess.families[key], self._unit_id(key)
                )
            except ProbeError as err:
                errors["base"], detail = err.key, err.detail
            else:
                return await self.async_step_identified()
        return self.async_show_form(
            step_id="family",
            data_schema=self.add_suggested_values_to_schema(
                self._family_schema(), user_input
            ),
            errors=errors,
            description_placeholders={
                "error": detail,
                "evidence": "\n".join(map(_evidence, self._guess.candidates[:_SHOWN]))
                or "-",
            },
        )

    async def async_step_identified(self) -> SubentryFlowResult:
        """Go on with the device that was found."""
        raise NotImplementedError

    def _family_schema(self) -> probatio.Schema:
        best = [c.family.key for c in self._guess.candidates]
        rest = sorted(
            self._guess.families.keys() - best,
            key=lambda key: self._guess.families[key].title,
        )
        options = [
            SelectOptionDict(value=key, label=self._guess.families[key].title)
            for key in (*best, *rest)
        ]
        wanted = probatio.Required(
            CONF_FAMILY, **({"default": best[0]} if best else {})
        )
        selector = SelectSelector(
            SelectSelectorConfig(options=options, mode=SelectSelectorMode.DROPDOWN)
        )
        return probatio.Schema({wanted: selector})

    def _unit_id(self, key: str) -> int:
        """Return on which unit a family is looked for."""
        for candidate in self._guess.candidates:
            if candidate.family.key == key:
                return candidate.unit_id
        # Without a unit of the user's own, only what has candidates comes as far as this.
        wanted: int | None = self._link.get(CONF_UNIT_ID)
        return self._guess.candidates[0].unit_id if wanted is None else wanted


def _evidence(candidate: Candidate) -> str:
    """Return what speaks for a family, as one line of a list."""
    found = ", ".join(
        f"{finding.check.replace('_', ' ')} ({_numbers(finding.numbers)})"
        if finding.numbers
        else finding.check.replace("_", " ")
        for finding in candidate.findings[:_FINDINGS]
    )
    return f"- **{candidate.family.title}** ({candidate.score:.1f}): {found}"


def _numbers(numbers: Mapping[str, float]) -> str:
    return ", ".join(f"{name} {value:g}" for name, value in numbers.items())
