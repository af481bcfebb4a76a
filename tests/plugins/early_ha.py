"""Bridge pytest-homeassistant-custom-component to Home Assistant 2026.11.

The newest release of that plugin, 0.13.375, is made for Home Assistant 2026.10.
This module goes once a release for 2026.11 exists.
"""

# Importing Home Assistant replaces httpx by httpx2, which must happen before pytest
# loads the plugin respx. It comes in through these three patches, because they have
# to precede every other import of Home Assistant.
import pytest_homeassistant_custom_component.patch_json
import pytest_homeassistant_custom_component.patch_recorder
import pytest_homeassistant_custom_component.patch_time  # noqa: F401 - for their effect

from homeassistant.components import logger
from homeassistant.components.logger import helpers

# 2026.11 moved this function; the plugin still imports it from the package.
if not hasattr(logger, "_clear_logger_overwrites"):
    vars(logger)["_clear_logger_overwrites"] = helpers._clear_logger_overwrites
