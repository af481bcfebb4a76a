"""SunSpec as the reference implementation reads it."""

import json
from pathlib import Path
import struct
from typing import Any

import sunspec2
from sunspec2.device import Model as ReferenceModel

_DEFINITIONS = Path(sunspec2.__file__).parent / "models" / "json"


def definition(model_id: int) -> dict[str, Any]:
    """Return the published definition of a model."""
    path = _DEFINITIONS / f"model_{model_id}.json"
    content: dict[str, Any] = json.loads(path.read_text())
    return content


def split(registers: list[int]) -> list[tuple[int, list[int]]]:
    """Return (id, registers with id and length) of each model of a chain."""
    assert registers[:2] == [0x5375, 0x6E53]
    models = []
    at = 2
    while at < len(registers) and registers[at] != 0xFFFF:
        end = at + 2 + registers[at + 1]
        assert end <= len(registers)
        models.append((registers[at], registers[at:end]))
        at = end
    return models


def decode(model_id: int, registers: list[int]) -> dict[str, Any]:
    """Return the scaled values of a model, None where not implemented."""
    data = struct.pack(f">{len(registers)}H", *registers)
    model = ReferenceModel(model_id, model_len=len(registers) - 2, data=data)
    assert not model.error_info, model.error_info
    values: dict[str, Any] = model.get_dict(computed=True)
    return values


def chain(registers: list[int]) -> dict[int, dict[str, Any]]:
    """Return the decoded models of a chain that the reference knows, by id."""
    return {
        model_id: decode(model_id, words)
        for model_id, words in split(registers)
        if (_DEFINITIONS / f"model_{model_id}.json").exists()
    }
