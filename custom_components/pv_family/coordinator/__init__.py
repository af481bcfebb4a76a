"""The only rooms that know both Home Assistant and the domain."""

from .device import DeviceCoordinator, DeviceState
from .home import HomeCoordinator, HomeState, PvFamilyConfigEntry, PvFamilyData
from .opening import opener
from .polled import PolledCoordinator

__all__ = [
    "DeviceCoordinator",
    "DeviceState",
    "HomeCoordinator",
    "HomeState",
    "PolledCoordinator",
    "PvFamilyConfigEntry",
    "PvFamilyData",
    "opener",
]
