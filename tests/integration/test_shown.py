"""Sensors that show a value when it is worth a row, and tell when nobody knows it."""

from unittest.mock import patch

from .outlook_world import OutlookWorld

CHOICE = "custom_components.pv_family.coordinator.outlook.choose_weather"


async def test_a_look_that_fails_is_told_at_once(sky: OutlookWorld) -> None:
    """Values of a look at the sky that fails are not known; the next one brings them.

    Those that did not change in between are told as well.
    """
    await sky.add_home()
    await sky.pass_minutes(2)
    kept = sky.state("pvgis_year")
    assert float(kept) > 1000.0
    with patch(CHOICE, side_effect=ArithmeticError("no sky")):
        await sky.pass_minutes(16)
        assert sky.state("pvgis_year") == "unavailable"
        assert sky.state("weather_rung") == "unavailable"
    await sky.pass_minutes(2)
    assert sky.state("pvgis_year") == kept
    assert sky.state("weather_rung") == "provider"
