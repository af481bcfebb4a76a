"""How clear the sky will be, in the shapes that the power follows."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from ..model.arrays import FloatArray
from .days import ClearDay, Day
from .roof import plane_bank

_CEILING: Final = 1.5
# The clearness is averaged on the scale on which its errors are about normal.
_LOGIT_TOP: Final = 1.2
_SMOOTH_HOURS: Final = 1.5
# A forecast of less than this share of the day's light is no forecast of the day.
_COMPLETE: Final = 0.9
_USUAL_SHARE: Final = 0.1
COLUMNS: Final = 9


def _logit(clearness: FloatArray) -> FloatArray:
    share = np.clip(clearness / _LOGIT_TOP, 0.02, 0.97)
    return np.log(share / (1.0 - share))


def _unlogit(value: FloatArray) -> FloatArray:
    return _LOGIT_TOP / (1.0 + np.exp(-value))


def irradiance_of(day: Day, clear: ClearDay) -> FloatArray:
    """Return the irradiance of a day, from the cloud cover where only that is known.

    Kasten and Czeplak (Solar Energy 24, 1980).
    """
    cover = np.clip(day.cloud / 100.0, 0.0, 1.0)
    thinned: FloatArray = clear.ghi * (1.0 - 0.75 * cover**3.4)
    return np.where(np.isfinite(day.ghi), day.ghi, thinned)


def clearness_of(
    day: Day,
    clear: ClearDay,
    roof: FloatArray,
    provider_roof: FloatArray,
    *,
    south: bool,
) -> FloatArray:
    """Return the weather's power of a day as a share of the clear sky's.

    Args:
        day: The weather.
        clear: The cloudless sky of the same day.
        roof: The planes of the home's roof, W.
        provider_roof: The planes that the provider's forecast follows, W.
        south: The home lies south of the equator.
    """
    irradiance = irradiance_of(day, clear)
    known = np.isfinite(irradiance)
    ours = plane_bank(np.where(known, irradiance, 0.0), clear.sun, south=south) @ roof
    share = _share(np.where(known, ours, np.nan), clear.bank @ roof, clear)
    theirs = _share(day.provider, clear.bank @ provider_roof, clear)
    return np.where(np.isfinite(share), share, theirs)


def _share(power: FloatArray, ceiling: FloatArray, clear: ClearDay) -> FloatArray:
    judged = (ceiling > 0.02 * max(float(ceiling.max()), 1e-9)) & (clear.lit > 0.0)
    share = np.clip(power / np.maximum(ceiling, 1e-9), 0.0, _CEILING)
    return np.where(judged, share, np.nan)


@dataclass(frozen=True, slots=True)
class Sky:
    """The clearness forecast of a day.

    Attributes:
        slot: Of each slot, filled from its neighbours and the day.
        around: Smoothed over the hours around.
        whole: Of the day.
        covered: The share of the day's light that the weather was known for.
    """

    slot: FloatArray
    around: FloatArray
    whole: float
    covered: float


@dataclass(frozen=True, slots=True)
class View:
    """A day as the regressions see it, slot by slot.

    Attributes:
        slot: Clearness of each slot.
        around: Smoothed over the hours around.
        whole: Of the day.
        usual: What share of the clear sky the home made in the last two weeks.
        last: The same of the last day.
    """

    slot: FloatArray
    around: FloatArray
    whole: float
    usual: float
    last: float

    @property
    def columns(self) -> FloatArray:
        """The columns of the regressions, shape (n, COLUMNS)."""
        one = np.ones(len(self.slot))
        return np.stack(
            [
                one,
                self.slot,
                self.slot**2,
                self.around,
                self.around**2,
                one * self.whole,
                one * self.whole**2,
                one * self.usual,
                one * self.last,
            ],
            axis=1,
        )


def describe(
    clearness: FloatArray, ceiling: FloatArray, step_h: float, usual: float
) -> Sky:
    """Return the sky of a day from the clearness of its slots.

    Args:
        clearness: nan where unknown, shape (slots,).
        ceiling: Clear-sky power of the lit slots, 0 elsewhere, W.
        step_h: Length of a slot, h.
        usual: The clearness when nothing is known.
    """
    light = np.sqrt(np.maximum(ceiling, 0.0) / max(float(ceiling.max()), 1e-9))
    known = np.isfinite(clearness)
    weight = np.where(known, light, 0.0)
    value = np.where(known, _logit(np.nan_to_num(clearness)), 0.0)
    total = max(float(light.sum()), 1e-9)
    covered = float(weight.sum()) / total
    mass, whole = float(weight.sum()), float((value * weight).sum())
    if covered < _COMPLETE:
        spare = _USUAL_SHARE * total
        whole += spare * float(_logit(np.array([usual]))[0])
        mass += spare
    whole /= max(mass, 1e-9)
    hours = step_h * np.arange(len(clearness))
    kernel = np.exp(-0.5 * ((hours[:, None] - hours[None, :]) / _SMOOTH_HOURS) ** 2)
    around = (kernel @ (value * weight) + 0.02 * whole) / (kernel @ weight + 0.02)
    smooth = _unlogit(around)
    return Sky(
        np.where(known, np.nan_to_num(clearness), smooth),
        smooth,
        float(_unlogit(np.array([whole]))[0]),
        covered,
    )
