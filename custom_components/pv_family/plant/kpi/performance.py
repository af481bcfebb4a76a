"""Yields and performance ratios."""

from dataclasses import dataclass
from math import nan
from typing import Final

import numpy as np

from ..model.arrays import FloatArray
from ..model.module import STANDARD_MODULE
from ..model.uncertainty import IrradianceSource, Span, ratio_uncertainty

REFERENCE_IRRADIANCE: Final = 1000.0
"""W/m2."""
REFERENCE_TEMPERATURE: Final = 25.0
"""°C."""
LOWEST_IRRADIANCE: Final = 50.0
"""W/m2 below which an instantaneous performance ratio means nothing."""


def final_yield(energy: float, peak_power: float) -> float:
    """Return the final yield Y_f: AC energy in Wh over nominal power in W, in h.

    The number is also the specific yield in kWh per kWp.
    """
    return energy / peak_power


def reference_yield(irradiation: float) -> float:
    """Return the reference yield Y_r in h, from irradiation on the plane in Wh/m2."""
    return irradiation / REFERENCE_IRRADIANCE


def capacity_factor(energy: float, power: float, hours: float) -> float:
    """Return the energy in Wh over what a nominal power in W gives without a pause.

    Args:
        energy: AC energy.
        power: Nominal power; say whether it is that of the modules or the inverters.
        hours: True length of the period, 23 or 25 on the days that clocks change.
    """
    return energy / (power * hours)


@dataclass(frozen=True, slots=True)
class Performance:
    """How well a plant did over a period; NaN where nothing is known.

    Attributes:
        energy: AC energy of the intervals that count, Wh.
        irradiation: On the plane in the intervals that count, Wh/m2.
        final_yield: Y_f in h.
        reference_yield: Y_r in h.
        ratio: PR, Y_f over Y_r.
        ratio_stc: PR'_STC, as if the modules had been at 25 °C.
        ratio_mean_temperature: The same at `mean_temperature`, which takes the seasons
            out of the ratio without changing its level.
        mean_temperature: Of the cells, weighted by irradiance, °C.
        uncertainty: Relative standard uncertainty of the ratios.
        coverage: Share of the intervals in which all was known.
    """

    energy: float
    irradiation: float
    final_yield: float
    reference_yield: float
    ratio: float
    ratio_stc: float
    ratio_mean_temperature: float
    mean_temperature: float
    uncertainty: float
    coverage: float


def performance(
    energy: FloatArray,
    poa_global: FloatArray,
    temp_cell: FloatArray,
    *,
    hours: float,
    peak_power: float,
    source: IrradianceSource,
    span: Span,
    gamma: float = STANDARD_MODULE.gamma,
    mean_temperature: float | None = None,
) -> Performance:
    """Return the yields and performance ratios of IEC 61724-1:2021, clause 14.3.

    Only intervals count in which energy, irradiance and temperature are all known, so
    a gap in one of them does not tilt the ratio.

    Args:
        energy: AC energy of each interval, Wh.
        poa_global: Irradiance on the plane, W/m2.
        temp_cell: °C.
        hours: Length of an interval.
        peak_power: Nominal power of the modules, W.
        source: How irradiance is known.
        span: Over how long the ratio is a mean.
        gamma: Relative change of the modules' power, 1/K.
        mean_temperature: Of a whole year, °C; ``None`` takes that of these intervals.
    """
    known = np.isfinite(energy) & np.isfinite(poa_global) & np.isfinite(temp_cell)
    light = np.maximum(poa_global[known], 0.0)
    warm = temp_cell[known]
    given = float(np.sum(energy[known]))
    irradiation = float(np.sum(light)) * hours
    mean = mean_temperature
    if mean is None:
        mean = float(np.sum(light * warm)) * hours / irradiation if irradiation else nan

    def ratio_at(temperature: FloatArray | float) -> float:
        rated = peak_power * (1.0 + gamma * (warm - temperature))
        expected = float(np.sum(rated * light)) * hours / REFERENCE_IRRADIANCE
        return given / expected if expected > 0.0 else nan

    count = known.size
    return Performance(
        energy=given,
        irradiation=irradiation,
        final_yield=final_yield(given, peak_power),
        reference_yield=reference_yield(irradiation),
        ratio=ratio_at(warm),
        ratio_stc=ratio_at(REFERENCE_TEMPERATURE),
        ratio_mean_temperature=ratio_at(mean),
        mean_temperature=mean,
        uncertainty=ratio_uncertainty(source, span),
        coverage=float(np.count_nonzero(known)) / count if count else 0.0,
    )


def instantaneous_ratio(
    power: float, poa_global: float, temp_cell: float, peak_power: float, gamma: float
) -> tuple[float, float] | None:
    """Return the performance ratio of an instant, and the one at 25 °C.

    Args:
        power: AC power, W.
        poa_global: Irradiance on the plane, W/m2.
        temp_cell: °C.
        peak_power: Nominal power of the modules, W.
        gamma: Relative change of the modules' power, 1/K.

    Returns:
        Both ratios, or ``None`` in too little light.
    """
    if not poa_global >= LOWEST_IRRADIANCE:
        return None
    ratio = power / (peak_power * poa_global / REFERENCE_IRRADIANCE)
    return ratio, ratio / (1.0 + gamma * (temp_cell - REFERENCE_TEMPERATURE))
