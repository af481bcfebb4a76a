"""Every field of every layout against the alliance's published models."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from modbus_connection.model.fields import FloatField, NumberField, StringField
from modbus_connection.model.sunspec import SunSpecModel
import pytest

from custom_components.pv_family.devices.sunspec import models
from custom_components.pv_family.readings.quantity import Quantity
from tests.unit.devices.alliance import AllianceModel, AlliancePoint, published
from tests.unit.devices.build import Unit

_ADDRESS = 40_100
_GROUPS = 3
_HEADER = {"model_id": "ID", "model_length": "L"}

_PHASES = {
    "ac_current_l1": "AphA",
    "ac_current_l2": "AphB",
    "ac_current_l3": "AphC",
    "ac_voltage_l1_l2": "PPVphAB",
    "ac_voltage_l2_l3": "PPVphBC",
    "ac_voltage_l3_l1": "PPVphCA",
    "ac_voltage_l1": "PhVphA",
    "ac_voltage_l2": "PhVphB",
    "ac_voltage_l3": "PhVphC",
    "ac_current": "A",
    "ac_power": "W",
    "frequency": "Hz",
    "apparent_power": "VA",
    "power_factor": "PF",
}
_INVERTER = _PHASES | {
    "reactive_power": "VAr",
    "energy_produced": "WH",
    "dc_current": "DCA",
    "dc_voltage": "DCV",
    "dc_power": "DCW",
    "temperature_cabinet": "TmpCab",
    "temperature_heat_sink": "TmpSnk",
    "temperature_transformer": "TmpTrns",
    "temperature_other": "TmpOt",
    "status": "St",
    "events": "Evt1",
}
_METER = _PHASES | {
    "ac_voltage": "PhV",
    "ac_power_l1": "WphA",
    "ac_power_l2": "WphB",
    "ac_power_l3": "WphC",
    "reactive_power": "VAR",
    "energy_export": "TotWhExp",
    "energy_import": "TotWhImp",
}
# Three of the eight meter models spell these as if they were line to neutral.
_LINE_TO_LINE = {
    "ac_voltage_l1_l2": "PhVphAB",
    "ac_voltage_l2_l3": "PhVphBC",
    "ac_voltage_l3_l1": "PhVphCA",
}
_DER = {
    "status": "InvSt",
    "events": "Alrm",
    "ac_power": "W",
    "apparent_power": "VA",
    "reactive_power": "Var",
    "power_factor": "PF",
    "ac_current": "A",
    "ac_voltage": "LNV",
    "frequency": "Hz",
    "energy_produced": "TotWhInj",
    "energy_import": "TotWhAbs",
    "temperature_cabinet": "TmpCab",
    "temperature_heat_sink": "TmpSnk",
    "temperature_transformer": "TmpTrns",
    "temperature_other": "TmpOt",
    "ac_voltage_l1_l2": "VL1L2",
    "ac_voltage_l2_l3": "VL2L3",
    "ac_voltage_l3_l1": "VL3L1",
    **{f"ac_power_l{n}": f"WL{n}" for n in (1, 2, 3)},
    **{f"ac_current_l{n}": f"AL{n}" for n in (1, 2, 3)},
    **{f"ac_voltage_l{n}": f"VL{n}" for n in (1, 2, 3)},
}
# What each attribute is called by the alliance.
NAMES: dict[int, dict[str, str]] = {
    models.COMMON: {
        "manufacturer": "Mn",
        "model": "Md",
        "options": "Opt",
        "version": "Vr",
        "serial_number": "SN",
    },
    **dict.fromkeys((101, 102, 103, 111, 112, 113), _INVERTER),
    **dict.fromkeys((201, 211, 212, 213, 214), _METER),
    **dict.fromkeys((202, 203, 204), _METER | _LINE_TO_LINE),
    701: _DER,
    models.NAMEPLATE: {
        "rated_power": "WRtg",
        "rated_apparent_power": "VARtg",
        "battery_capacity": "WHRtg",
    },
    models.SETTINGS: {"rated_power": "WMax"},
    models.STATUS: {
        "energy_produced": "ActWh",
        "available_power": "WAval",
        "isolation_resistance": "Ris",
    },
    models.BASIC_STORAGE: {"state_of_charge": "ChaState", "status": "ChaSt"},
    models.DER_STORAGE: {
        "battery_capacity": "WHRtg",
        "state_of_charge": "SoC",
        "state_of_health": "SoH",
    },
    models.BATTERY: {
        "battery_capacity": "WHRtg",
        "state_of_charge": "SoC",
        "state_of_health": "SoH",
        "status": "ChaSt",
        "events": "Evt1",
        "dc_voltage": "V",
        "dc_current": "A",
        "dc_power": "W",
    },
}
LAYOUTS: dict[int, Any] = {
    models.COMMON: models.Common,
    **models.INVERTERS,
    **models.METERS,
    models.NAMEPLATE: models.Nameplate,
    models.SETTINGS: models.Settings,
    models.STATUS: models.Status,
    models.BASIC_STORAGE: models.BasicStorage,
    models.DER_STORAGE: models.DerStorage,
    models.BATTERY: models.Battery,
}
GROUPS: dict[int, tuple[Any, str, dict[str, str]]] = {
    models.MPPT: (
        models.mppt,
        "inputs",
        {
            "name": "IDStr",
            "dc_current": "DCA",
            "dc_voltage": "DCV",
            "dc_power": "DCW",
            "energy_produced": "DCWH",
            "temperature": "Tmp",
            "events": "DCEvt",
        },
    ),
    models.DER_DC: (
        models.der_dc,
        "ports",
        {
            "port_type": "PrtTyp",
            "name": "IDStr",
            "dc_current": "DCA",
            "dc_voltage": "DCV",
            "dc_power": "DCW",
            "energy_injected": "DCWhInj",
            "energy_absorbed": "DCWhAbs",
            "temperature": "Tmp",
        },
    ),
}
# Registers, signedness and the values for "not implemented" of each number.
NUMBERS = {
    "int16": (1, True, {0x8000}),
    "uint16": (1, False, {0xFFFF}),
    "enum16": (1, False, {0xFFFF}),
    "acc32": (2, False, {0, 0xFFFF_FFFF}),
    "acc64": (4, False, {0, 0xFFFF_FFFF_FFFF_FFFF}),
    "uint32": (2, False, {0xFFFF_FFFF}),
    "bitfield32": (2, False, {0xFFFF_FFFF}),
    "uint64": (4, False, {0xFFFF_FFFF_FFFF_FFFF}),
}


class Field(NamedTuple):
    """One field of ours beside the point that the alliance publishes."""

    model_id: int
    name: str
    resolved: Any
    point: AlliancePoint
    shift: int
    scales: AllianceModel


def _fields() -> Iterator[Field]:
    for model_id, layout in LAYOUTS.items():
        known = published(model_id)
        model = SunSpecModel(model_id, _ADDRESS, known.start - 2)
        resolved = layout(Unit(), model).resolved_fields
        names = NAMES[model_id] | _HEADER
        assert set(resolved) == set(names), model_id
        for name, found in resolved.items():
            yield Field(model_id, name, found, known.fixed[names[name]], 0, known)
    for model_id, (_, attribute, names) in GROUPS.items():
        known = published(model_id)
        for index, group in enumerate(_groups(model_id)):
            assert set(group.resolved_fields) == set(names), attribute
            for name, found in group.resolved_fields.items():
                shift = index * known.stride
                point = known.group[names[name]]
                yield Field(model_id, name, found, point, shift, known)


def _groups(model_id: int, *, count: int = _GROUPS, extra: int = 0) -> Any:
    known, (layout, attribute, _) = published(model_id), GROUPS[model_id]
    length = known.start + count * known.stride + extra - 2
    model = SunSpecModel(model_id, _ADDRESS, length)
    return getattr(layout(model)(Unit(), model), attribute)


@pytest.mark.parametrize(
    "field", _fields(), ids=lambda f: f"{f.model_id}-{f.name}-{f.shift}"
)
def test_field_is_the_published_point(field: Field) -> None:
    """Address, type, length and scale factor are those of the alliance's file."""
    ours, point = field.resolved.field, field.point
    assert field.resolved.address == _ADDRESS + field.shift + point.offset
    assert field.resolved.count == point.size
    match point.type:
        case "string":
            assert isinstance(ours, StringField)
        case "float32":
            assert isinstance(ours, FloatField)
            assert ours.word_order == "big"
        case number:
            count, signed, missing = NUMBERS[number]
            assert isinstance(ours, NumberField)
            assert (point.size, ours.signed) == (count, signed)
            assert ours.nan == frozenset(missing)
            assert (ours.scale, ours.offset, ours.word_order) == (1.0, 0.0, "big")
    if point.sf is None:
        assert field.resolved.scale_address is None
    else:
        scale = field.scales.fixed[point.sf]
        assert scale.type == "sunssf"
        assert field.resolved.scale_address == _ADDRESS + scale.offset


def test_every_model_is_held_against_its_file() -> None:
    """A model that is added to the layouts is added here."""
    assert {*LAYOUTS, *GROUPS} == models.KNOWN
    assert all(
        Quantity(name)
        for names in (_INVERTER, _METER, _DER)
        for name in names
        if name not in ("status", "events")
    )


@pytest.mark.parametrize("model_id", GROUPS)
@pytest.mark.parametrize(("count", "extra"), [(0, 0), (1, 0), (4, 0), (2, 1)])
def test_group_count_follows_the_length(model_id: int, count: int, extra: int) -> None:
    """A model holds as many groups as its length does, whatever it says."""
    assert len(_groups(model_id, count=count, extra=extra)) == count


def _status_words() -> Iterator[tuple[int, str, Any]]:
    for model_id, layout in LAYOUTS.items():
        if hasattr(layout, "STATUSES"):
            yield model_id, NAMES[model_id]["status"], layout.STATUSES


@pytest.mark.parametrize(("model_id", "point", "words"), _status_words())
def test_statuses(model_id: int, point: str, words: dict[int, str]) -> None:
    """Every published status has its word, under its own number."""
    symbols = published(model_id).fixed[point].symbols
    assert words == {value: _normalised(name) for value, name in symbols.items()}


def _event_words() -> Iterator[tuple[AlliancePoint, Any]]:
    for model_id, layout in LAYOUTS.items():
        if hasattr(layout, "EVENTS"):
            yield published(model_id).fixed[NAMES[model_id]["events"]], layout.EVENTS
    yield published(models.MPPT).group["DCEvt"], _groups(models.MPPT)[0].EVENTS


@pytest.mark.parametrize(("point", "words"), _event_words())
def test_events(point: AlliancePoint, words: tuple[str, ...]) -> None:
    """Every published event has its word, at its own bit; reserved ones have none."""
    assert len(words) == max(point.symbols) + 1
    for bit, word in enumerate(words):
        assert word == _normalised(point.symbols.get(bit, "RESERVED")), bit


def test_ports_are_told_apart_by_their_published_type() -> None:
    """PV is 0 and storage is 1."""
    symbols = published(models.DER_DC).group["PrtTyp"].symbols
    assert symbols[0] == "PV"
    assert symbols[1] == "ESS"


# The alliance abbreviates, and names some things twice.
_WORDS = {
    "VOLT": "VOLTAGE",
    "TEMP": "TEMPERATURE",
    "HW": "HARDWARE",
    "ALRM": "ALARM",
    "MPPT": "PRODUCING",
    "RUNNING": "PRODUCING",
}
_PHRASES = {
    "input_over_voltage": "dc_over_voltage",
    "input_under_voltage": "dc_under_voltage",
    "input_over_current": "dc_over_current",
    "under_soc_min": "under_charge",
    "over_soc_max": "over_charge",
    "open_door_error": "open_door",
}


def _normalised(symbol: str) -> str:
    if symbol.startswith("RESERVED"):
        return ""
    # The published model 111 has a stray "gg" before every state.
    words = symbol.removeprefix("gg").split("_")
    name = "_".join(_WORDS.get(word, word) for word in words).lower()
    for theirs, ours in _PHRASES.items():
        name = name.replace(theirs, ours)
    return name
