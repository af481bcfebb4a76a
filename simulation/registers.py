"""Registers as a Modbus device shows them."""

from collections.abc import Mapping
from typing import Protocol

type RegisterImage = Mapping[int, int]
"""Value by address; an address without a value does not exist."""

MAX_READ = 125


class RegisterError(Exception):
    """A read that a device answers with an exception."""

    code = 4


class IllegalAddressError(RegisterError):
    """At least one of the registers does not exist."""

    code = 2


class IllegalValueError(RegisterError):
    """More registers than fit into a reply, or none."""

    code = 3


class UnknownUnitError(RegisterError):
    """No device answers behind this unit id."""

    code = 11


class RegisterSource(Protocol):
    """Whatever can be read through a Modbus server."""

    def read(self, unit: int, address: int, count: int) -> list[int]:
        """Return `count` registers from `address` of the device `unit`.

        Raises:
            RegisterError: the device answers with an exception.
        """


def read_image(image: RegisterImage, address: int, count: int) -> list[int]:
    """Return `count` registers from `address`.

    Raises:
        IllegalValueError: `count` is not 1..125.
        IllegalAddressError: a register does not exist.
    """
    if not 1 <= count <= MAX_READ:
        raise IllegalValueError(f"{count} registers")
    try:
        return [image[number] for number in range(address, address + count)]
    except KeyError as missing:
        raise IllegalAddressError(f"no register {missing}") from None
