"""The node's core as a component: its sources, for the others to use."""

from pathlib import Path

import esphome.codegen as cg
import esphome.config_validation as cv

CONFIG_SCHEMA = cv.Schema({})

# What a gateway or a counter needs; the rest is the node itself.
_USED = (
    "crc.cpp",
    "json_read.cpp",
    "json_scan.cpp",
    "json_write.cpp",
    "line.cpp",
    "push_report.cpp",
    "registers.cpp",
    "sink.cpp",
)


def FILTER_SOURCE_FILES() -> list[str]:
    """Return the sources that are not compiled."""
    folder = Path(__file__).parent
    return [path.name for path in folder.glob("*.cpp") if path.name not in _USED]


async def to_code(config):
    """Let a gateway read lines as long as a node's announcement."""
    cg.add_build_flag("-DPVF_LINE_SIZE=2048")
