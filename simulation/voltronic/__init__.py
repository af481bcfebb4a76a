"""A simulated off-grid inverter that speaks PI30, and recorded ones replayed."""

from .faults import Echo, Garble, Late, LineFaults, Nak, NoCrc, Silence, Truncate
from .inverter import MAX, MKS, PIP, Model, PvArray
from .line import Line, ReplySource
from .parallel import ParallelSystem
from .ports import PtyPort, TcpPort
from .replay import RecordedInverter, load_replies
from .unit import OffGridInverter

__all__ = [
    "MAX",
    "MKS",
    "PIP",
    "Echo",
    "Garble",
    "Late",
    "Line",
    "LineFaults",
    "Model",
    "Nak",
    "NoCrc",
    "OffGridInverter",
    "ParallelSystem",
    "PtyPort",
    "PvArray",
    "RecordedInverter",
    "ReplySource",
    "Silence",
    "TcpPort",
    "Truncate",
    "load_replies",
]
