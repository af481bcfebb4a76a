"""A home encoded as SunSpec registers, the way an inverter would show it."""

from .chain import ChainOptions, VendorModel, build_chain, encode_chain, join
from .layout import Family, unit_chains
from .measurements import Identity
from .model import EncodedModel
from .tables import MODELS

__all__ = [
    "MODELS",
    "ChainOptions",
    "EncodedModel",
    "Family",
    "Identity",
    "VendorModel",
    "build_chain",
    "encode_chain",
    "join",
    "unit_chains",
]
