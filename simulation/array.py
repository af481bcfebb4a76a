"""Photovoltaic strings: from the sky to direct current."""

from dataclasses import dataclass

import numpy as np

from .noise import FloatArray
from .sun import SunPosition
from .weather import Weather

ALBEDO = 0.2


@dataclass(frozen=True, slots=True)
class Module:
    """A photovoltaic module at 1000 W/m2 and 25 °C."""

    power: float = 375.0
    """W at the maximum power point."""
    voltage: float = 34.1
    """V at the maximum power point."""
    current_coefficient: float = 0.0005
    """Relative change of current, 1/K."""
    voltage_coefficient: float = -0.0040
    """Relative change of the maximum power voltage, 1/K."""
    irradiance_coefficient: float = 0.022
    """Relative change of voltage for each e-fold of irradiance."""

    @property
    def current(self) -> float:
        """A at the maximum power point."""
        return self.power / self.voltage


@dataclass(frozen=True, slots=True)
class PvString:
    """Modules in series on one tracker.

    Azimuth in compass degrees (180 = south), tilt in degrees (0 = flat).
    """

    name: str
    azimuth: float
    tilt: float
    modules: int = 8
    module: Module = Module()
    derate: float = 0.94
    """Share of current that mismatch, wiring and tolerance leave."""

    @property
    def peak_power(self) -> float:
        """W at standard test conditions."""
        return self.modules * self.module.power


@dataclass(frozen=True, slots=True)
class StringCondition:
    """What is wrong with a string; the default is a healthy one."""

    dead: bool = False
    soiling: float = 1.0
    """Share of light that passes the dirt."""
    shade: float = 1.0
    """Share of the beam that reaches the modules."""


HEALTHY = StringCondition()


@dataclass(frozen=True, slots=True)
class StringOutput:
    """What a string can give; every field has the shape of the weather."""

    poa_global: FloatArray
    """Plane-of-array irradiance after dirt and shade, W/m2."""
    temp_cell: FloatArray
    """°C."""
    voltage: FloatArray
    """At the maximum power point, V."""
    current: FloatArray
    """At the maximum power point, A."""

    @property
    def power(self) -> FloatArray:
        """W at the maximum power point."""
        return self.voltage * self.current


def diffuse_fraction(ghi: FloatArray, sun: SunPosition) -> FloatArray:
    """Return the share of `ghi` that is diffuse (Erbs, Solar Energy 28(4), 1982)."""
    horizontal = sun.extraterrestrial * np.maximum(sun.cos_zenith, 0.02)
    kt = np.clip(ghi / horizontal, 0.0, 1.0)
    middle = 0.9511 + kt * (-0.1604 + kt * (4.388 + kt * (-16.638 + kt * 12.336)))
    return np.where(kt <= 0.22, 1.0 - 0.09 * kt, np.where(kt > 0.8, 0.165, middle))


def plane_of_array(
    weather: Weather, tilt: float, azimuth: float, shade: float = 1.0
) -> FloatArray:
    """Return irradiance on a tilted plane, W/m2.

    Sky diffuse after Hay and Davies (1980), ground reflection isotropic, reflection
    of the glass by the ASHRAE incidence angle modifier.
    """
    sun = weather.sun
    diffuse = weather.ghi * diffuse_fraction(weather.ghi, sun)
    cos_zenith = np.maximum(sun.cos_zenith, 0.05)
    dni = np.minimum((weather.ghi - diffuse) / cos_zenith, 0.85 * sun.extraterrestrial)
    slope = np.radians(tilt)
    sin_zenith = np.sqrt(np.clip(1.0 - sun.cos_zenith**2, 0.0, 1.0))
    cos_incidence = sun.cos_zenith * np.cos(slope) + sin_zenith * np.sin(
        slope
    ) * np.cos(np.radians(sun.azimuth - azimuth))
    facing = np.where(sun.cos_zenith > 0.0, np.maximum(cos_incidence, 0.0), 0.0)
    glass = np.clip(1.0 - 0.05 * (1.0 / np.maximum(facing, 0.03) - 1.0), 0.0, 1.0)
    beam = dni * facing * glass * shade
    circumsolar = dni / sun.extraterrestrial
    sky = diffuse * (
        circumsolar * np.minimum(facing / cos_zenith, 5.0) * shade
        + (1.0 - circumsolar) * (1.0 + np.cos(slope)) / 2.0
    )
    ground = weather.ghi * ALBEDO * (1.0 - np.cos(slope)) / 2.0
    poa_global: FloatArray = beam + sky + ground
    return poa_global


def cell_temperature(
    poa_global: FloatArray, air_temperature: FloatArray, wind_speed: FloatArray
) -> FloatArray:
    """Return cell temperature, °C (Faiman, Progress in Photovoltaics 16(4), 2008)."""
    return air_temperature + poa_global / (25.0 + 6.84 * wind_speed)


def string_output(
    string: PvString, weather: Weather, condition: StringCondition = HEALTHY
) -> StringOutput:
    """Return what the string would give at its maximum power point."""
    module = string.module
    poa = condition.soiling * plane_of_array(
        weather, string.tilt, string.azimuth, condition.shade
    )
    temp_cell = cell_temperature(poa, weather.air_temperature, weather.wind_speed)
    warm = temp_cell - 25.0
    current = (
        string.derate
        * module.current
        * (poa / 1000.0)
        * (1.0 + module.current_coefficient * warm)
    )
    voltage = (
        string.modules
        * module.voltage
        * (
            1.0
            + module.voltage_coefficient * warm
            + module.irradiance_coefficient * np.log(np.maximum(poa, 1.0) / 1000.0)
        )
        * np.clip(poa / 3.0, 0.0, 1.0)
    )
    alive = 0.0 if condition.dead else 1.0
    return StringOutput(poa, temp_cell, voltage * alive, current * alive)
