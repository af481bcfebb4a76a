"""The only rooms that know both Home Assistant and the domain."""

from .borrowed import BorrowedCoordinator
from .data import PvFamilyConfigEntry, PvFamilyData
from .device import DeviceCoordinator, DeviceState
from .home import HomeCoordinator, HomeState
from .mapped_node import MappedNodeCoordinator
from .mqtt_node import MqttNodeCoordinator
from .opening import opener
from .polled import PolledCoordinator
from .push_node import PushNodeCoordinator
from .pushed import PushedCoordinator

__all__ = [
    "BorrowedCoordinator",
    "DeviceCoordinator",
    "DeviceState",
    "HomeCoordinator",
    "HomeState",
    "MappedNodeCoordinator",
    "MqttNodeCoordinator",
    "PolledCoordinator",
    "PushNodeCoordinator",
    "PushedCoordinator",
    "PvFamilyConfigEntry",
    "PvFamilyData",
    "opener",
]
