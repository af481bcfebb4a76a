"""Calibrate a channel of a node: nothing switched on, then a known load."""

from typing import Any, Final

import probatio

from homeassistant.config_entries import ConfigSubentryFlow, SubentryFlowResult
from homeassistant.const import CONF_NAME
from homeassistant.helpers.selector import (
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
)

from ..const import CONF_CHANNELS
from ..coordinator.mqtt_node import MqttNodeCoordinator
from ..devices.device import Part
from ..devices.node.calibration import (
    Calibration,
    CalibrationError,
    CalibrationProblem,
    Point,
    calibrate,
    check_stored,
    read_command,
    write_command,
)
from ..devices.node.messages import CalibrationAnswer
from .schemas import decimal

_SAMPLES: Final = 5
_CHANNEL: Final = "channel"
_POWER: Final = "power"
_VOLTAGE: Final = "voltage"


class CalibrationSteps(ConfigSubentryFlow):
    """The steps of a calibration; nothing is written before it is confirmed."""

    _channel: int
    _nothing: list[CalibrationAnswer]
    _result: Calibration

    async def async_step_calibration(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Ask which channel."""
        if self._calibrated_node() is None:
            return self.async_abort(reason="node_not_loaded")
        if user_input is not None:
            self._channel = Part.from_key(user_input[_CHANNEL]).number
            return await self.async_step_calibration_zero()
        channels = self._get_reconfigure_subentry().data[CONF_CHANNELS]
        options = [
            SelectOptionDict(
                value=key, label=f"{Part.from_key(key).number}: {c[CONF_NAME]}"
            )
            for key, c in channels.items()
        ]
        return self.async_show_form(
            step_id="calibration",
            data_schema=probatio.Schema(
                {
                    probatio.Required(_CHANNEL, default=options[0]["value"]): (
                        SelectSelector(
                            SelectSelectorConfig(
                                options=options, mode=SelectSelectorMode.DROPDOWN
                            )
                        )
                    )
                }
            ),
        )

    async def async_step_calibration_zero(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Read the channel with nothing switched on."""
        errors: dict[str, str] = {}
        if user_input is not None:
            try:
                self._nothing = await self._async_samples()
                Point.of(self._nothing)
            except CalibrationError as err:
                errors["base"] = f"calibration_{err.problem}"
            except TimeoutError:
                errors["base"] = "node_silent"
            else:
                return await self.async_step_calibration_load()
        return self.async_show_form(
            step_id="calibration_zero",
            data_schema=probatio.Schema({}),
            errors=errors,
            description_placeholders={"channel": str(self._channel)},
        )

    async def async_step_calibration_load(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Read the channel with a known load, and work the calibration out."""
        errors: dict[str, str] = {}
        if user_input is not None and user_input.get(_POWER) is None:
            errors[_POWER] = "calibration_no_power"
        elif user_input is not None:
            try:
                loaded = await self._async_samples()
                self._result = calibrate(
                    self._nothing,
                    loaded,
                    reference=user_input[_POWER],
                    reference_voltage=user_input.get(_VOLTAGE),
                )
            except CalibrationError as err:
                errors["base"] = f"calibration_{err.problem}"
            except TimeoutError:
                errors["base"] = "node_silent"
            else:
                return await self.async_step_calibration_confirm()
        schema = probatio.Schema(
            {
                # Required, Home Assistant's form would begin with the least watt.
                probatio.Optional(_POWER): decimal(1, 100_000, 0.1, "W"),
                probatio.Optional(_VOLTAGE): decimal(100, 300, 0.1, "V"),
            }
        )
        return self.async_show_form(
            step_id="calibration_load",
            data_schema=self.add_suggested_values_to_schema(schema, user_input),
            errors=errors,
            description_placeholders={"channel": str(self._channel)},
        )

    async def async_step_calibration_confirm(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Show the result, and write it once it is confirmed."""
        errors: dict[str, str] = {}
        result = self._result
        if user_input is not None:
            try:
                node = self._calibrated_node()
                if node is None:
                    return self.async_abort(reason="node_not_loaded")
                answer = await node.async_calibrate(
                    write_command(self._channel, result)
                )
                check_stored(answer, result)
            except CalibrationError as err:
                errors["base"] = f"calibration_{err.problem}"
            except TimeoutError:
                errors["base"] = "node_silent"
            else:
                return self.async_abort(reason="calibrated")
        return self.async_show_form(
            step_id="calibration_confirm",
            data_schema=probatio.Schema({}),
            errors=errors,
            description_placeholders={
                "channel": str(self._channel),
                "gain": f"{result.gain:.4f}",
                "voltage_gain": f"{result.voltage_gain:.4f}",
                "zero": f"{result.zero:.1f}",
                "phase": f"{result.phase:.2f}",
            },
        )

    def _calibrated_node(self) -> MqttNodeCoordinator | None:
        """Return the node, ``None`` while its home is not loaded."""
        data = getattr(self._get_entry(), "runtime_data", None)
        subentry = self._get_reconfigure_subentry()
        node = None if data is None else data.devices.get(subentry.subentry_id)
        return node if isinstance(node, MqttNodeCoordinator) else None

    async def _async_samples(self) -> list[CalibrationAnswer]:
        """Return some samples of the channel, one after the other.

        Raises:
            CalibrationError: The node cannot be reached.
            TimeoutError: It does not answer.
        """
        node = self._calibrated_node()
        if node is None:
            raise CalibrationError(CalibrationProblem.TOO_FEW)
        return [
            await node.async_calibrate(read_command(self._channel))
            for _ in range(_SAMPLES)
        ]
