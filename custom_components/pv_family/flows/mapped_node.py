"""Map the topics of somebody else's node, one value at a time."""

from collections.abc import Mapping
from typing import Any, Final

import probatio

from homeassistant.config_entries import (
    SOURCE_RECONFIGURE,
    ConfigSubentryFlow,
    SubentryFlowResult,
)
from homeassistant.const import CONF_NAME
from homeassistant.helpers.selector import (
    BooleanSelector,
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
    TextSelector,
)
from homeassistant.util.ulid import ulid_now

from ..const import (
    CONF_AVAILABILITY,
    CONF_CHANNELS,
    CONF_COVERS,
    CONF_ROLE,
    CONF_RULES,
    CONF_TRANSPORT,
)
from ..devices.device import Part, PartKind
from ..devices.node.mapping import MappingError, check_topic, parse_rules
from ..devices.node.topics import MAX_CHANNELS
from ..link import Transport
from ..readings.quantity import Quantity
from .channels import NO_ROLE, Channels, channel_sections, chosen_channels
from .schemas import choice

_ANOTHER: Final = "another"
_CHANNEL: Final = "channel"
_FACTOR: Final = "factor"
_OFFLINE: Final = "offline"
_ONLINE: Final = "online"
_PATH: Final = "path"
_QUANTITY: Final = "quantity"
_REVERSED: Final = "reversed"
_TOPIC: Final = "topic"

# What a channel of its own tells, and what the node tells of itself.
_OF_CHANNEL: Final = (
    Quantity.AC_POWER,
    Quantity.ENERGY_PRODUCED,
    Quantity.ENERGY_CONSUMED,
    Quantity.ENERGY_IMPORT,
    Quantity.ENERGY_EXPORT,
    Quantity.ENERGY_CHARGED,
    Quantity.ENERGY_DISCHARGED,
    Quantity.AC_VOLTAGE,
    Quantity.AC_CURRENT,
    Quantity.POWER_FACTOR,
)
_OF_NODE: Final = (
    Quantity.FREQUENCY,
    Quantity.IRRADIANCE,
    Quantity.TEMPERATURE_AMBIENT,
    Quantity.TEMPERATURE_BUSBAR,
    Quantity.TEMPERATURE_MODULE,
)


class MappedNodeSteps(ConfigSubentryFlow):
    """The steps of a node whose topics are mapped."""

    _mapped: dict[str, Any]
    _old_rules: list[dict[str, Any]]
    _rules: list[dict[str, Any]]

    async def async_step_mapped(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Ask for the node's name and where it says that it is there."""
        known = self._known_map()
        errors: dict[str, str] = {}
        if user_input is not None:
            topic = user_input.get(_TOPIC, "").strip()
            if not user_input[CONF_NAME].strip():
                errors[CONF_NAME] = "name_empty"
            elif topic and not _is_topic(topic):
                errors[_TOPIC] = "mapping_topic"
            else:
                self._mapped = {**user_input, _TOPIC: topic}
                self._old_rules = list(known.get(CONF_RULES, ()))
                self._rules = []
                return await self.async_step_mapped_rule()
        words: Mapping[str, str] = known.get(CONF_AVAILABILITY, {})
        schema = probatio.Schema(
            {
                probatio.Required(CONF_NAME): TextSelector(),
                probatio.Optional(_TOPIC): TextSelector(),
                probatio.Required(_ONLINE, default="online"): TextSelector(),
                probatio.Required(_OFFLINE, default="offline"): TextSelector(),
            }
        )
        return self.async_show_form(
            step_id="mapped",
            data_schema=self.add_suggested_values_to_schema(
                schema, user_input or {**known, **words}
            ),
            errors=errors,
        )

    async def async_step_mapped_rule(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Ask where one value comes from."""
        errors: dict[str, str] = {}
        number = len(self._rules)
        if user_input is not None:
            rules = [*self._rules, _rule(user_input)]
            try:
                parse_rules(rules)
            except MappingError as err:
                errors["base"] = f"mapping_{err.problem}"
            else:
                self._rules = rules
                if user_input[_ANOTHER]:
                    return await self.async_step_mapped_rule()
                return await self.async_step_mapped_channels()
        suggested = user_input
        if suggested is None and number < len(self._old_rules):
            suggested = {
                **_answers(self._old_rules[number]),
                _ANOTHER: number + 1 < len(self._old_rules),
            }
        elif suggested is None and self._rules:
            suggested = {_TOPIC: self._rules[-1][_TOPIC]}
        return self.async_show_form(
            step_id="mapped_rule",
            data_schema=self.add_suggested_values_to_schema(_RULE, suggested),
            errors=errors,
            description_placeholders={"number": str(number + 1)},
        )

    async def async_step_mapped_channels(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Ask what the channels measure."""
        parts = {rule["part"] for rule in self._rules} - {str(PartKind.NODE)}
        known: Mapping[str, Mapping[str, Any]] = self._known_map().get(
            CONF_CHANNELS, {}
        )
        title = self._mapped[CONF_NAME].strip()
        channels: Channels = {
            part: dict(known[part])
            if part in known
            else {CONF_NAME: title, CONF_ROLE: NO_ROLE, CONF_COVERS: None}
            for part in sorted(parts)
        }
        if user_input is None and channels:
            return self.async_show_form(
                step_id="mapped_channels",
                data_schema=probatio.Schema(
                    channel_sections(self._get_entry(), channels)
                ),
            )
        data: dict[str, Any] = {
            CONF_TRANSPORT: str(Transport.MAPPED),
            CONF_RULES: self._rules,
            CONF_CHANNELS: chosen_channels(user_input or {}, channels),
        }
        if self._mapped[_TOPIC]:
            data[CONF_AVAILABILITY] = {
                key: self._mapped[key] for key in (_TOPIC, _ONLINE, _OFFLINE)
            }
        if self.source == SOURCE_RECONFIGURE:
            return self.async_update_and_abort(
                self._get_entry(),
                self._get_reconfigure_subentry(),
                title=title,
                data=data,
            )
        return self.async_create_entry(
            title=title, data=data, unique_id=f"node-{ulid_now().lower()}"
        )

    def _known_map(self) -> dict[str, Any]:
        """Return what was answered before."""
        if self.source != SOURCE_RECONFIGURE:
            return {}
        subentry = self._get_reconfigure_subentry()
        return {CONF_NAME: subentry.title, **subentry.data}


_RULE: Final = probatio.Schema(
    {
        probatio.Required(_TOPIC): TextSelector(),
        probatio.Optional(_PATH): TextSelector(),
        probatio.Required(_QUANTITY, default=str(Quantity.AC_POWER)): choice(
            "mapped_quantity", (*_OF_CHANNEL, *_OF_NODE)
        ),
        probatio.Required(_CHANNEL, default=1): probatio.All(
            NumberSelector(
                NumberSelectorConfig(
                    min=1, max=MAX_CHANNELS, step=1, mode=NumberSelectorMode.BOX
                )
            ),
            probatio.Coerce(int),
        ),
        probatio.Required(_FACTOR, default=1.0): NumberSelector(
            NumberSelectorConfig(step="any", mode=NumberSelectorMode.BOX)
        ),
        probatio.Required(_REVERSED, default=False): BooleanSelector(),
        probatio.Required(_ANOTHER, default=False): BooleanSelector(),
    }
)


def _rule(answers: Mapping[str, Any]) -> dict[str, Any]:
    """Return the rule that somebody answered."""
    of_node = answers[_QUANTITY] in _OF_NODE
    part = Part(PartKind.NODE) if of_node else Part(PartKind.CHANNEL, answers[_CHANNEL])
    return {
        _TOPIC: answers[_TOPIC].strip(),
        _PATH: answers.get(_PATH, "").strip(),
        "part": part.key,
        _QUANTITY: answers[_QUANTITY],
        _FACTOR: float(answers[_FACTOR]),
        _REVERSED: answers[_REVERSED],
    }


def _answers(rule: Mapping[str, Any]) -> dict[str, Any]:
    """Return what was answered to get a rule."""
    return {**rule, _CHANNEL: Part.from_key(rule["part"]).number or 1}


def _is_topic(topic: str) -> bool:
    try:
        check_topic(topic)
    except ValueError:
        return False
    return True
