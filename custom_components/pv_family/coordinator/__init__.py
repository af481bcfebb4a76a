"""The only rooms that know both Home Assistant and the domain."""

from .borrowed import BorrowedCoordinator
from .control import ControlCoordinator
from .data import PvFamilyConfigEntry, PvFamilyData
from .device import DeviceCoordinator, DeviceState
from .home import HomeCoordinator, HomeState
from .mapped_node import MappedNodeCoordinator
from .market import MarketCoordinator, MarketState, market_of
from .mqtt_node import MqttNodeCoordinator
from .opening import opener
from .outlook import OutlookCoordinator
from .outlook_state import OutlookState
from .plant_books import PlantBooks, PlantState
from .polled import PolledCoordinator
from .push_node import PushNodeCoordinator
from .pushed import PushedCoordinator

__all__ = [
    "BorrowedCoordinator",
    "ControlCoordinator",
    "DeviceCoordinator",
    "DeviceState",
    "HomeCoordinator",
    "HomeState",
    "MappedNodeCoordinator",
    "MarketCoordinator",
    "MarketState",
    "MqttNodeCoordinator",
    "OutlookCoordinator",
    "OutlookState",
    "PlantBooks",
    "PlantState",
    "PolledCoordinator",
    "PushNodeCoordinator",
    "PushedCoordinator",
    "PvFamilyConfigEntry",
    "PvFamilyData",
    "market_of",
    "opener",
]
