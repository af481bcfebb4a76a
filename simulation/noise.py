"""Seeded noise that can be evaluated at any instant, in any order."""

import numpy as np
from numpy.typing import NDArray

type FloatArray = NDArray[np.float64]
type IntArray = NDArray[np.int64]

# Mean variance of smoothly interpolated uniform noise, over one lattice cell.
_VALUE_NOISE_VARIANCE = 0.74 / 12.0


def uniform(seed: int, channel: int, index: IntArray) -> FloatArray:
    """Return one number in [0, 1) for each index, by the splitmix64 hash.

    The same (seed, channel, index) gives the same number in every process.
    """
    salt = (seed * 0x9E3779B97F4A7C15 + channel * 0xD1B54A32D192ED03) % 2**64
    x = index.astype(np.uint64) + np.uint64(salt)
    x *= np.uint64(0x9E3779B97F4A7C15)
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    x ^= x >> np.uint64(31)
    return (x >> np.uint64(11)).astype(np.float64) * 2.0**-53


def value_noise(seed: int, channel: int, t: FloatArray, period: float) -> FloatArray:
    """Return smooth noise in [0, 1) that has a new lattice value every `period` s.

    `t` is an array of POSIX seconds; the result has its shape.
    """
    position = t / period
    cell = np.floor(position)
    fraction = position - cell
    index = cell.astype(np.int64)
    weight = fraction**3 * (fraction * (fraction * 6.0 - 15.0) + 10.0)
    left = uniform(seed, channel, index)
    result: FloatArray = left + (uniform(seed, channel, index + 1) - left) * weight
    return result


def gaussian_noise(
    seed: int, channel: int, t: FloatArray, octaves: tuple[tuple[float, float], ...]
) -> FloatArray:
    """Return noise with mean 0 and standard deviation near 1.

    Args:
        seed: the world.
        channel: the quantity; channels with the same seed are independent.
        t: POSIX seconds.
        octaves: (period in s, weight) of each component.
    """
    total = np.zeros_like(t)
    power = 0.0
    for number, (period, weight) in enumerate(octaves):
        total += weight * (value_noise(seed, channel * 64 + number, t, period) - 0.5)
        power += weight**2
    noise: FloatArray = total / np.sqrt(power * _VALUE_NOISE_VARIANCE)
    return noise


def normal_to_uniform(z: FloatArray) -> FloatArray:
    """Map normal noise to [0, 1] by the logistic approximation of its distribution."""
    result: FloatArray = 1.0 / (1.0 + np.exp(-1.702 * z))
    return result
