"""DC inputs, ports and batteries: which is which, and which way power flows."""

import pytest

from custom_components.pv_family.devices.signs import Signs
from custom_components.pv_family.devices.sunspec.device import SunSpecDevice
from custom_components.pv_family.readings.reading import Quality
from tests.unit.devices.build import NOW, Unit, Values, chain, model

from .polling import NOON, polled, values

SCALES = {"DCA_SF": -2, "DCV_SF": -1, "DCW_SF": 0, "DCWH_SF": 0}
PORTS = {"DCA_SF": -2, "DCV_SF": -1, "DCW_SF": 0, "DCWH_SF": 0, "Tmp_SF": 0}
BATTERY = {
    "SoC": 555,
    "SoC_SF": -1,
    "V": 4000,
    "V_SF": -1,
    "A": -500,
    "A_SF": -2,
    "W": -2000,
    "W_SF": 0,
    "ChaSt": 4,
    "Evt1": 0,
}


def string(name: str = "", power: int = 1500) -> dict[str, float | str]:
    """Return a live DC input."""
    return {"IDStr": name, "DCA": power // 3, "DCV": 3000, "DCW": power}


@pytest.mark.parametrize(
    ("charge", "discharge"),
    [
        ("StCha", "StDisCha"),
        ("StCha 3", "StDisCha 4"),
        ("Storage charge", "storage discharg"),
        ("ST_CHA", "ST_DISCHA"),
    ],
)
@pytest.mark.parametrize(
    ("charging", "discharging", "power"), [(1200, 0, -1200.0), (0, 800, 800.0)]
)
async def test_battery_on_two_inputs(
    charge: str, discharge: str, charging: int, discharging: int, power: float
) -> None:
    """Two of four inputs are one battery's directions, not strings."""
    inputs: list[Values] = [
        string("MPPT 1"),
        string("MPPT 2"),
        {"IDStr": charge, "DCW": charging},
        {"IDStr": discharge, "DCW": discharging},
    ]
    poll = await polled(model(103, NOON), model(160, SCALES, inputs))
    found = values(poll)
    assert set(found) == {"inverter", "string_1", "string_2", "battery_1"}
    assert found["battery_1"] == {"dc_power": power}
    assert found["string_2"]["dc_power"] == 1500.0


@pytest.mark.parametrize("name", ["String 1", "String Channel 1", "PV1", "", "Input A"])
async def test_names_of_strings(name: str) -> None:
    """An input is a string unless its name says otherwise."""
    poll = await polled(model(103, NOON), model(160, SCALES, [string(name)]))
    assert values(poll)["string_1"]["dc_power"] == 1500.0
    assert "battery_1" not in values(poll)


@pytest.mark.parametrize(
    ("state", "power"),
    [(3, 800.0), (4, -800.0), (6, 0.0), (1, 0.0), (7, None), (0xFFFF, None)],
)
async def test_battery_on_the_second_input(state: int, power: float | None) -> None:
    """The first Fronius hybrids: the storage model tells which way power flows."""
    who = {"Mn": "Fronius", "Md": "Symo Hybrid 5.0-3-S", "SN": "SN1"}
    inputs: list[Values] = [string("String 1"), string("String 2", 800)]
    storage = model(124, {"ChaState": 5500, "ChaState_SF": -2, "ChaSt": state})
    unit = Unit(
        chain(model(1, who), model(103, NOON), model(160, SCALES, inputs), storage)
    )
    device = await SunSpecDevice.discover(unit, fallback_serial="fallback")
    for full in (True, False):
        found = values(await device.poll(NOW, full=full))
        assert set(found) == {"inverter", "string_1", "battery_1"}
        assert found["battery_1"].get("dc_power") == power
        assert found["battery_1"]["dc_voltage"] == 300.0
        assert found["battery_1"]["state_of_charge"] == 55.0


async def test_second_input_of_another_model() -> None:
    """Elsewhere two inputs are two strings, whatever the storage model says."""
    inputs: list[Values] = [string("String 1"), string("String 2", 800)]
    storage = model(124, {"ChaState": 5500, "ChaState_SF": -2, "ChaSt": 3})
    poll = await polled(model(103, NOON), model(160, SCALES, inputs), storage)
    assert values(poll)["string_2"]["dc_power"] == 800.0
    assert values(poll)["battery_1"] == {"state_of_charge": 55.0}


async def test_state_of_charge_beside_the_inputs() -> None:
    """The basic storage model completes the battery."""
    storage = model(124, {"ChaState": 6150, "ChaState_SF": -2, "ChaSt": 4})
    inputs: list[Values] = [
        {"IDStr": "StCha", "DCW": 500},
        {"IDStr": "StDisCha", "DCW": 0},
    ]
    poll = await polled(model(103, NOON), storage, model(160, SCALES, inputs))
    assert values(poll)["battery_1"] == {"state_of_charge": 61.5, "dc_power": -500.0}
    assert poll.statuses["battery_1"] == "charging"


@pytest.mark.parametrize("name", ["Battery", "BAT 1", "Battery Channel", "ESS"])
@pytest.mark.parametrize("beside", ["storage", "battery", "nothing"])
async def test_battery_on_one_named_input(name: str, beside: str) -> None:
    """A battery's input is no string, whoever tells its direction, or nobody."""
    inputs: list[Values] = [string("DC1"), string(name, 900), string("DC2", 600)]
    models = {
        "storage": [model(124, {"ChaState": 50, "ChaState_SF": 0, "ChaSt": 4})],
        "battery": [model(802, BATTERY)],
        "nothing": [],
    }
    found = values(
        await polled(model(103, NOON), model(160, SCALES, inputs), *models[beside])
    )
    strings = {part for part in found if part.startswith("string")}
    assert strings == {"string_1", "string_2"}
    assert found["string_2"]["dc_power"] == 600.0
    power = {"storage": -900.0, "battery": -2000.0, "nothing": None}
    assert found.get("battery_1", {}).get("dc_power") == power[beside]


@pytest.mark.parametrize("measured", [False, True])
async def test_energies_of_a_battery_on_two_inputs(measured: bool) -> None:
    """Each direction has its own counter, beside the battery's own model as well."""
    inputs: list[Values] = [
        {"IDStr": "StCha3", "DCV": 4000, "DCW": 700, "DCWH": 123_456},
        {"IDStr": "StDisCha4", "DCV": 4000, "DCW": 0, "DCWH": 65_432},
    ]
    models = [model(802, BATTERY)] if measured else []
    poll = await polled(model(113), *models, model(160, SCALES, inputs))
    battery = values(poll)["battery_1"]
    assert battery["energy_charged"] == 123_456.0
    assert battery["energy_discharged"] == 65_432.0
    assert battery["dc_voltage"] == 400.0
    assert battery["dc_power"] == (-2000.0 if measured else -700.0)


async def test_counters_that_are_never_filled() -> None:
    """All ones are no energy, whatever the specification says of accumulators."""
    inputs: list[Values] = [string("MPPT1") | {"DCWH": 0xFFFF_FFFF}]
    poll = await polled(
        model(103, {**NOON, "WH": 0xFFFF_FFFF}), model(160, SCALES, inputs)
    )
    assert not [n for found in values(poll).values() for n in found if "energy" in n]


async def test_battery_model_beside_the_inputs_counts_once() -> None:
    """The battery's own power is not added to that of its inputs."""
    inputs: list[Values] = [
        {"IDStr": "StCha", "DCW": 2000},
        {"IDStr": "StDisCha", "DCW": 0},
    ]
    poll = await polled(
        model(103, NOON), model(802, BATTERY), model(160, SCALES, inputs)
    )
    assert values(poll)["battery_1"]["dc_power"] == -2000.0


async def test_ports_of_a_distributed_resource() -> None:
    """Ports say what they are, and count in both directions."""
    ports: list[Values] = [
        {"PrtTyp": 0, "DCA": 500, "DCV": 3000, "DCW": 1500, "DCWhInj": 7000},
        {
            "PrtTyp": 1,
            "DCA": -200,
            "DCV": 4000,
            "DCW": -800,
            "DCWhInj": 300,
            "DCWhAbs": 400,
            "Tmp": 25,
        },
    ]
    found = values(await polled(model(701), model(714, PORTS, ports)))
    assert found == {
        "string_1": {
            "dc_current": 5.0,
            "dc_voltage": 300.0,
            "dc_power": 1500.0,
            "energy_produced": 7000.0,
        },
        "battery_1": {
            "dc_current": -2.0,
            "dc_voltage": 400.0,
            "dc_power": -800.0,
            "energy_discharged": 300.0,
            "energy_charged": 400.0,
            "temperature": 25.0,
        },
    }


async def test_reversed_battery() -> None:
    """Power, current and registers are turned round; voltage and charge stay."""
    signs = Signs(battery=True)
    ports: list[Values] = [
        {"PrtTyp": 1, "DCA": 200, "DCV": 4000, "DCW": 800, "DCWhInj": 3, "DCWhAbs": 4}
    ]
    port = values(await polled(model(714, PORTS, ports), signs=signs))["battery_1"]
    assert port == {
        "dc_current": -2.0,
        "dc_voltage": 400.0,
        "dc_power": -800.0,
        "energy_discharged": 4.0,
        "energy_charged": 3.0,
    }
    found = values(await polled(model(802, BATTERY), signs=signs))["battery_1"]
    assert found["dc_power"] == 2000.0
    assert found["dc_current"] == 5.0
    assert (found["dc_voltage"], found["state_of_charge"]) == (400.0, 55.5)
    inputs: list[Values] = [
        {"IDStr": "StCha", "DCW": 500},
        {"IDStr": "StDisCha", "DCW": 0},
    ]
    found = values(await polled(model(160, SCALES, inputs), signs=signs))["battery_1"]
    assert found == {"dc_power": 500.0}


async def test_reversed_meter() -> None:
    """Power, currents and registers are turned round, the inverter's are not."""
    meter = {
        "W": 1000,
        "WphA": 1000,
        "W_SF": 0,
        "A": 45,
        "AphA": 45,
        "A_SF": -1,
        "PhVphA": 2300,
        "V_SF": -1,
        "VAR": 70,
        "VAR_SF": 0,
        "TotWhExp": 3,
        "TotWhImp": 4,
        "TotWh_SF": 0,
    }
    models = (model(101, NOON), model(203, meter))
    right = values(await polled(*models))
    turned = values(await polled(*models, signs=Signs(meter=True, battery=True)))
    assert turned["inverter"] == right["inverter"]
    assert turned["meter_1"] == {
        "ac_power": -1000.0,
        "ac_power_l1": -1000.0,
        "ac_current": -4.5,
        "ac_current_l1": -4.5,
        "ac_voltage_l1": 230.0,
        "reactive_power": -70.0,
        "energy_export": 4.0,
        "energy_import": 3.0,
    }
    assert right["meter_1"]["energy_export"] == 3.0


async def test_string_power_from_voltage_and_current() -> None:
    """What a string does not tell is worked out, and marked so."""
    inputs: list[Values] = [{"DCA": 500, "DCV": 3000}, {"DCV": 2000}, {"DCA": 700}]
    poll = await polled(model(103, NOON), model(160, SCALES, inputs))
    derived = [r for r in poll.readings if r.quality is Quality.DERIVED]
    assert [(r.series.part, r.series.quantity, r.value) for r in derived] == [
        ("string_1", "dc_power", 1500.0)
    ]


async def test_events_of_strings() -> None:
    """The last register of the last input belongs to it, too."""
    live = string("PV") | {"DCEvt": 1 << 20}
    poll = await polled(model(103), model(160, SCALES, [string("PV"), live]))
    assert poll.events == {"string_2": {"test_failed"}}


async def test_two_batteries_and_two_meters() -> None:
    """Each battery and each meter is a part of its own."""
    second = dict(BATTERY) | {"W": 300, "A": 75, "SoC": 200}
    meters = [model(203, {"W": power, "W_SF": 0}) for power in (100, 200)]
    found = values(await polled(model(802, BATTERY), model(802, second), *meters))
    assert found["battery_1"]["dc_power"] == -2000.0
    assert found["battery_2"]["dc_power"] == 300.0
    assert found["meter_1"] == {"ac_power": 100.0}
    assert found["meter_2"] == {"ac_power": 200.0}


async def test_first_model_to_tell_a_value_wins() -> None:
    """The battery model's state of charge, not the inverter's copy of it."""
    storage = model(124, {"ChaState": 100, "ChaState_SF": 0})
    found = values(await polled(model(103, NOON), storage, model(802, BATTERY)))
    assert found["battery_1"]["state_of_charge"] == 55.5
