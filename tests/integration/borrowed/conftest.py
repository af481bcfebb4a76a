"""What every test of borrowed entities needs."""

import pytest

from homeassistant.components.recorder import Recorder


@pytest.fixture(autouse=True)
def auto_enable_custom_integrations(
    recorder_mock: Recorder, enable_custom_integrations: None
) -> None:
    """Start the recorder before Home Assistant, which it has to precede."""
