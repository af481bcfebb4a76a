"""The only rooms that know both Home Assistant and the domain."""

from .device import DeviceCoordinator, DeviceState
from .home import HomeCoordinator, HomeState, PvFamilyConfigEntry, PvFamilyData

__all__ = [
    "DeviceCoordinator",
    "DeviceState",
    "HomeCoordinator",
    "HomeState",
    "PvFamilyConfigEntry",
    "PvFamilyData",
]
