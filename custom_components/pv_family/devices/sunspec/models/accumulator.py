"""Lifetime counters: 0 has not counted yet, and all ones are what some never fill."""

from modbus_connection.model.fields import NumberField

_EXPONENTS = (-10, 10)


def acc32(address: int, *, scale_register: int) -> NumberField[int]:
    """Return a scaled counter of two registers."""
    return _accumulator(address, 2, scale_register)


def acc64(address: int) -> NumberField[int]:
    """Return a counter of four registers, in Wh."""
    return _accumulator(address, 4, None)


def _accumulator(
    address: int, count: int, scale_register: int | None
) -> NumberField[int]:
    return NumberField(
        address,
        count=count,
        signed=False,
        nan=(0, (1 << 16 * count) - 1),
        scale_register=scale_register,
        scale_exponent_range=_EXPONENTS,
    )
