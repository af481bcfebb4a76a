"""The only rooms that know both Home Assistant and the domain."""

from .data import PvFamilyConfigEntry, PvFamilyData
from .device import DeviceCoordinator, DeviceState
from .home import HomeCoordinator, HomeState
from .opening import opener
from .polled import PolledCoordinator
from .push_node import PushNodeCoordinator
from .pushed import PushedCoordinator

__all__ = [
    "DeviceCoordinator",
    "DeviceState",
    "HomeCoordinator",
    "HomeState",
    "PolledCoordinator",
    "PushNodeCoordinator",
    "PushedCoordinator",
    "PvFamilyConfigEntry",
    "PvFamilyData",
    "opener",
]
