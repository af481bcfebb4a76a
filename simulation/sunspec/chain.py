"""A chain of SunSpec models as one block of registers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from simulation.state import HomeState

from .asleep import asleep
from .measurements import MEASUREMENTS, Identity, common
from .model import EncodedModel, encode_model
from .tables import MODELS

SUNSPEC_ID = (0x5375, 0x6E53)
END = (0xFFFF, 0)


@dataclass(frozen=True, slots=True)
class VendorModel:
    """A model that no public table describes; it is filled with a counting pattern."""

    id: int = 64412
    length: int = 43

    def encode(self) -> EncodedModel:
        """Return its registers."""
        body = [(self.id + offset) & 0xFFFF for offset in range(self.length)]
        return EncodedModel(self.id, [self.id, self.length, *body])


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainOptions:
    """Which models stand in a chain, in which order, and how they are written."""

    models: tuple[int | VendorModel, ...]
    base: int = 40000
    unit: int = 1
    identity: Identity = field(default_factory=Identity)
    common_length: Literal[65, 66] = 66
    scale_factors: Mapping[str, int] = field(default_factory=dict)
    """Exponents by name of the scale factor, the same in every model."""
    sleeping: int | None = None
    """`St` of an inverter that measures nothing now; None while it measures."""
    end: bool = True
    """Whether the chain ends with the end model."""

    def __post_init__(self) -> None:
        """Refuse models that have no table.

        Raises:
            ValueError: a model number is unknown.
        """
        for model in self.models:
            if isinstance(model, int) and model not in MODELS:
                raise ValueError(f"no table for SunSpec model {model}")


def encode_chain(state: HomeState, options: ChainOptions) -> list[EncodedModel]:
    """Return the models of a chain, without its marker and end.

    Raises:
        ValueError: a model asks for a battery that the home does not have.
    """
    encoded = []
    for model in options.models:
        if isinstance(model, VendorModel):
            encoded.append(model.encode())
            continue
        length: int | None = None
        if model == 1:
            values = common(options.identity, options.unit)
            length = options.common_length
        else:
            values = MEASUREMENTS[model](state)
        if options.sleeping is not None:
            values = asleep(model, values, options.sleeping)
        encoded.append(
            encode_model(MODELS[model], values, options.scale_factors, length=length)
        )
    return encoded


def join(models: list[EncodedModel], *, end: bool = True) -> list[int]:
    """Return marker, models and end as consecutive registers."""
    registers = [*SUNSPEC_ID]
    for model in models:
        registers += model.registers
    if end:
        registers += END
    return registers


def build_chain(state: HomeState, options: ChainOptions) -> list[int]:
    """Return the registers of a chain, the first at `options.base`."""
    return join(encode_chain(state, options), end=options.end)
