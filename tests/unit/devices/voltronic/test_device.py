"""A unit from its discovery to its polls, over real connections."""

from datetime import timedelta

import pytest

from custom_components.pv_family.devices.device import (
    Device,
    NotThisProtocolError,
    SilentError,
    WrongDeviceError,
)
from custom_components.pv_family.devices.voltronic.device import VoltronicDevice
from custom_components.pv_family.devices.voltronic.dialect import Family
from custom_components.pv_family.devices.voltronic.errors import UnansweredError
from custom_components.pv_family.devices.voltronic.link import opener
from custom_components.pv_family.devices.voltronic.pv import CurrentSide
from custom_components.pv_family.devices.voltronic.session import Pace, Session
from custom_components.pv_family.readings.quantity import Quantity
from custom_components.pv_family.readings.reading import Quality
from simulation.voltronic import (
    MAX,
    MKS,
    PIP,
    Garble,
    Line,
    LineFaults,
    Model,
    Nak,
    OffGridInverter,
    ParallelSystem,
    PtyPort,
    PvArray,
    RecordedInverter,
    Silence,
    TcpPort,
)
from tests.unit.simulation.conftest import Clock

from .recorded import (
    CALM,
    FIXTURES,
    MAX_LIVE,
    MAX_RATINGS,
    MKS_LIVE,
    NOW,
    PIP_LIVE,
    PIP_RATINGS,
    QUICK,
    payloads,
    talking,
    values,
    without_pv_power,
)

pytestmark = pytest.mark.usefixtures("loopback")

PIP_REPLIES = {
    "QPI": "PI30",
    "QID": "92931701100510",
    "QPIRI": PIP_RATINGS,
    "QPIGS": PIP_LIVE,
    "QMOD": "B",
    "QPIWS": "0" * 32,
    "QFLAG": "EakxyDbjuvz",
    "QVFW": "VERFW:00072.70",
}


async def discovered(session: Session) -> VoltronicDevice:
    """Return the unit behind a session."""
    return await VoltronicDevice.discover(session, fallback_serial="fallback")


async def test_recorded_max() -> None:
    """The recorded MAX comes out right from discovery to energy."""
    source = RecordedInverter.load(FIXTURES / "pi30_replies.json", ["pi30max", "pi30"])
    source.replies["QPIRI"] = (
        "230.0 34.7 230.0 50.0 34.7 8000 8000 48.0 48.0 42.0 54.0 52.5 2 010 030 1 2 2 "
        "9 01 0 0 50.0 0 1 480 0 070"
    )
    source.replies["QMOD"] = "B"
    async with talking(source) as (session, line):
        device: Device = await discovered(session)
        assert isinstance(device, VoltronicDevice)
        assert device.identity.serial == "92932105105335"
        assert device.identity.model == "MKS2-8000"
        assert device.identity.version == "00072.70"
        assert device.ratings.power == 8000.0
        assert device.dialect.family is Family.MAX
        poll = await device.poll(NOW, full=True)
        line.requests.clear()
        await device.poll(NOW, full=False)
        assert line.requests == ["QPIGS", "QPIGS2", "QMOD", "QPIWS"]
    found = values(poll)
    assert found["inverter"] == {
        Quantity.BUS_VOLTAGE: 447.0,
        Quantity.TEMPERATURE_HEAT_SINK: 54.0,
        Quantity.DC_POWER: 1905.0,
        Quantity.ENERGY_PRODUCED: 238_800.0,
    }
    assert found["load_1"][Quantity.ENERGY_CONSUMED] == 238_800.0
    assert found["load_1"][Quantity.AC_POWER] == 751.0
    assert found["string_2"][Quantity.DC_POWER] == 1026.0
    assert found["battery_1"][Quantity.DC_POWER] == pytest.approx(-1090.0)
    assert found["meter_1"][Quantity.AC_POWER] == 0.0
    assert poll.statuses == {"inverter": "battery"}
    assert poll.events == {"inverter": frozenset()}
    assert poll.failed == {} and poll.doubted == () and not poll.asleep
    assert poll.resolutions == {"inverter": 1.0, "load_1": 1.0}
    assert device.implemented == poll.capabilities
    assert {r.series.source for r in poll.readings} == {"92932105105335"}
    assert all(r.taken == NOW for r in poll.readings)


async def test_recorded_pip() -> None:
    """A PIP4048 without a model name, counters or a second input."""
    async with talking(RecordedInverter(PIP_REPLIES)) as (session, line):
        device = await discovered(session)
        assert device.dialect.family is Family.PIP
        assert device.identity.model == ""
        poll = await device.poll(NOW, full=True)
        asked = line.requests.copy()
        await device.poll(NOW, full=True)
        assert line.requests[len(asked) :] == [
            "QPIGS",
            "QID",
            "QPIRI",
            "QFLAG",
            "QMOD",
            "QPIWS",
        ]
    found = values(poll)
    assert found["inverter"][Quantity.DC_POWER] == 856.0
    assert Quantity.ENERGY_PRODUCED not in found["inverter"]
    assert "string_2" not in found
    assert poll.failed == {}


async def test_recorded_mks_without_its_power() -> None:
    """Neither PV nor grid power are known, which is not 0."""
    source = RecordedInverter(
        PIP_REPLIES
        | {"QPIGS": without_pv_power(MKS_LIVE), "QMOD": "L", "QMN": "MKS-5000"}
    )
    async with talking(source) as (session, _):
        device = await discovered(session)
        assert device.dialect.family is Family.MKS
        found = values(await device.poll(NOW, full=True))
    assert Quantity.DC_POWER not in found["inverter"]
    assert Quantity.DC_POWER not in found["string_1"]
    assert Quantity.AC_POWER not in found["meter_1"]
    assert found["meter_1"][Quantity.AC_VOLTAGE] == 233.8


async def test_the_user_knows_better() -> None:
    """A chosen side of the PV current goes before what was detected."""
    source = RecordedInverter(PIP_REPLIES | {"QPIGS": without_pv_power(PIP_LIVE)})
    async with talking(source) as (session, _):
        device = await VoltronicDevice.discover(
            session, fallback_serial="fallback", pv_side=CurrentSide.PANEL
        )
        found = values(await device.poll(NOW, full=True))
    assert found["string_1"][Quantity.DC_POWER] == pytest.approx(14 * 103.8)


async def test_found_in_the_dark() -> None:
    """What cannot be told at night is told in the morning."""
    dark = PIP_LIVE.replace("0014 103.8 57.45", "0000 000.0 00.00")
    dark = dark.replace("00856", "00000")
    source = RecordedInverter(PIP_REPLIES | {"QPIGS": dark})
    async with talking(source) as (session, _):
        device = await discovered(session)
        sides = [device.dialect.pv_current_side]
        source.replies["QPIGS"] = PIP_LIVE
        for full in (False, True):
            await device.poll(NOW, full=full)
            sides.append(device.dialect.pv_current_side)
        assert sides == [None, None, CurrentSide.BATTERY]
        assert device.config.family is Family.PIP


@pytest.mark.parametrize("model", [PIP, MKS, MAX])
async def test_a_simulated_day(model: Model) -> None:
    """The home's balance holds at every poll, in whatever mode and family."""
    clock = Clock(NOW)
    unit = OffGridInverter(now=clock, model=model, load=700.0)
    async with talking(unit) as (session, _):
        device = await discovered(session)
        for sun, grid, priority in (
            (0.0, 0.0, 2),
            (1200.0, 0.0, 2),
            (1200.0, 230.0, 2),
            (500.0, 230.0, 0),
            (0.0, 230.0, 0),
        ):
            unit.grid_voltage = grid
            unit.settings.output_priority = priority
            for array in unit.pv:
                array.power, array.voltage = sun, 320.0 if sun else 0.0
            clock.move(1800.0)
            poll = await device.poll(clock.now, full=True)
            found = values(poll)
            assert found["load_1"][Quantity.AC_POWER] == pytest.approx(700.0, abs=1)
            total = found["inverter"][Quantity.DC_POWER]
            assert total == pytest.approx(unit.pv_power, abs=30.0)
            assert found["battery_1"][Quantity.DC_POWER] == pytest.approx(
                unit.battery_power, abs=30.0
            )
            grid_power = found["meter_1"][Quantity.AC_POWER]
            assert grid_power == pytest.approx(unit.grid_power, abs=80.0)
            assert poll.statuses["inverter"] == {"B": "battery", "L": "line"}[unit.mode]
            if model.counters:
                produced = found["inverter"][Quantity.ENERGY_PRODUCED]
                assert produced == pytest.approx(unit.pv_energy, abs=1.0)
            else:
                assert Quantity.ENERGY_PRODUCED not in found["inverter"]


async def test_grid_without_a_measurement() -> None:
    """A grid power of 0 is inferred, another one derived."""
    unit = OffGridInverter(now=Clock(NOW))
    async with talking(unit) as (session, _):
        device = await discovered(session)
        for grid, priority, quality in (
            (0.0, 2, Quality.INFERRED),
            (230.0, 2, Quality.INFERRED),
            (230.0, 0, Quality.DERIVED),
        ):
            unit.grid_voltage, unit.settings.output_priority = grid, priority
            poll = await device.poll(NOW, full=True)
            (power,) = [
                r
                for r in poll.readings
                if r.series.part == "meter_1" and r.series.quantity is Quantity.AC_POWER
            ]
            assert power.quality is quality


async def test_warnings_and_faults() -> None:
    """A stopped unit says why: by bits, and by the code where it has one."""
    unit = OffGridInverter(now=Clock(NOW), warnings={5, 16})
    async with talking(unit) as (session, _):
        device = await discovered(session)
        poll = await device.poll(NOW, full=False)
        assert poll.events["inverter"] == {"line_fail", "overload_warning"}
        unit.fault = 8
        poll = await device.poll(NOW, full=False)
        assert poll.statuses["inverter"] == "fault"
        assert poll.events["inverter"] == {
            "inverter_fault",
            "line_fail",
            "overload_fault",
            "bus_voltage_high",
        }


async def test_raw_temperature() -> None:
    """A unit that shows converter numbers never shows a temperature."""
    source = RecordedInverter(PIP_REPLIES | {"QPIGS": PIP_LIVE.replace("0069", "0512")})
    async with talking(source) as (session, _):
        device = await discovered(session)
        for raw in ("0512", "0069", "0100"):
            source.replies["QPIGS"] = PIP_LIVE.replace("0069", raw)
            poll = await device.poll(NOW, full=False)
            assert Quantity.TEMPERATURE_HEAT_SINK not in values(poll)["inverter"]


@pytest.mark.parametrize("clock", ["20260610104000", None])
async def test_a_date_for_an_energy(clock: str | None) -> None:
    """A clone that answers QLT with the date has no load energy."""
    replies = PIP_REPLIES | {"QET": "00238800", "QLT": "20260610"}
    source = RecordedInverter(replies | ({"QT": clock} if clock else {}))
    async with talking(source) as (session, _):
        device = await discovered(session)
        found = values(await device.poll(NOW, full=True))
    assert found["inverter"][Quantity.ENERGY_PRODUCED] == 238_800.0
    assert Quantity.ENERGY_CONSUMED not in found["load_1"]


async def test_counters_need_the_protocol() -> None:
    """A unit that does not say PI30 is not asked for energies."""
    replies = {k: v for k, v in PIP_REPLIES.items() if k != "QPI"}
    source = RecordedInverter(replies | {"QET": "00238800"})
    async with talking(source) as (session, line):
        device = await discovered(session)
        await device.poll(NOW, full=True)
        assert "QET" not in line.requests


@pytest.mark.parametrize(
    ("command", "parts"),
    [("QPIGS2", {"string_2"}), ("QMOD", {"inverter"}), ("QPIWS", {"inverter"})],
)
async def test_a_part_that_fails(command: str, parts: set[str]) -> None:
    """What was there before and is not now is named; the rest is told."""
    faults = LineFaults()
    unit = OffGridInverter(now=Clock(NOW), model=MAX)
    async with talking(unit, faults) as (session, _):
        device = await discovered(session)
        assert (await device.poll(NOW, full=True)).failed == {}
        faults.start(Nak(), only=(command,))
        poll = await device.poll(NOW, full=False)
        assert set(poll.failed) == parts
        assert values(poll)["load_1"][Quantity.AC_POWER] == 300.0
        faults.clear()
        assert (await device.poll(NOW, full=False)).failed == {}


async def test_a_unit_that_falls_silent() -> None:
    """Without live values there is no poll; two silences end the others."""
    faults = LineFaults()
    unit = OffGridInverter(now=Clock(NOW), model=MAX)
    async with talking(unit, faults, pace=QUICK) as (session, line):
        device = await discovered(session)
        await device.poll(NOW, full=True)
        faults.start(Silence(), only=("QMOD", "QPIGS2", "QPIWS"))
        line.requests.clear()
        poll = await device.poll(NOW, full=False)
        assert set(poll.failed) == {"inverter", "string_2"}
        assert line.requests == ["QPIGS", "QPIGS2", "QMOD"]
        faults.start(Silence())
        with pytest.raises(SilentError):
            await device.poll(NOW, full=False)
        faults.start(Nak())
        faults.start(Silence(), only=("nothing",))
        with pytest.raises(SilentError):
            await device.poll(NOW, full=False)
        faults.clear()
        faults.start(Garble())
        with pytest.raises(SilentError):
            await device.poll(NOW, full=False)
        faults.clear()
        assert (await device.poll(NOW, full=False)).failed == {}


async def test_a_unit_that_refuses_its_values() -> None:
    """It is taken for silent, and asked again."""
    faults = LineFaults()
    async with talking(RecordedInverter(PIP_REPLIES), faults) as (session, _):
        device = await discovered(session)
        faults.start(Nak(), answers=1)
        with pytest.raises(SilentError):
            await device.poll(NOW, full=False)
        assert (await device.poll(NOW, full=False)).readings


async def test_values_that_contradict_each_other() -> None:
    """A power that voltage and current cannot carry is doubted, not believed."""
    live = MAX_LIVE.replace("00879", "08790")
    source = RecordedInverter(
        PIP_REPLIES | {"QPIRI": MAX_RATINGS, "QPIGS": live, "QMOD": "L"}
    )
    async with talking(source) as (session, _):
        device = await discovered(session)
        poll = await device.poll(NOW, full=False)
    assert {(r.series.part, r.value) for r in poll.doubted} == {
        ("string_1", 8790.0),
        ("inverter", 8790.0),
        ("meter_1", 0.0),
    }
    assert Quantity.DC_POWER not in values(poll)["string_1"]
    assert Quantity.DC_POWER not in values(poll)["inverter"]


async def test_another_unit() -> None:
    """Another serial number is noticed at full polls and after a new connection."""
    source = RecordedInverter(PIP_REPLIES)
    port = TcpPort(Line(source))
    await port.start()
    session = Session(opener(port.url), CALM)
    try:
        device = await discovered(session)
        source.replies["QID"] = "92931701100599"
        await device.poll(NOW, full=False)
        with pytest.raises(WrongDeviceError) as caught:
            await device.poll(NOW, full=True)
        assert caught.value.found == "92931701100599"
        source.replies["QID"] = "00000000000000"
        await device.poll(NOW, full=True)
        source.replies["QID"] = "92931701100599"
        port.hang_up()
        with pytest.raises(SilentError):
            await device.poll(NOW, full=False)
        with pytest.raises(WrongDeviceError):
            await device.poll(NOW, full=False)
        with pytest.raises(WrongDeviceError):
            await device.write("buzzer", value=False)
    finally:
        await session.close()
        await port.stop()


@pytest.mark.parametrize("serial", ["00000000000000", None])
async def test_a_unit_without_a_serial_number(serial: str | None) -> None:
    """It gets the one that the caller has for it."""
    replies = {k: v for k, v in PIP_REPLIES.items() if k != "QID"}
    source = RecordedInverter(replies | ({"QID": serial} if serial else {}))
    async with talking(source) as (session, _):
        device = await discovered(session)
        assert device.identity.serial == "fallback"
        await device.poll(NOW, full=True)


async def test_parallel_units() -> None:
    """The other units are parts of their own, numbered for good."""
    clock = Clock(NOW)
    units = [
        OffGridInverter(
            now=clock, serial=serial, load=load, pv=[PvArray(power=sun, voltage=100.0)]
        )
        for serial, load, sun in (
            ("92931701100530", 500.0, 0.0),
            ("92931701100510", 300.0, 400.0),
            ("92931701100520", 200.0, 600.0),
        )
    ]
    system = ParallelSystem(units, asked=1)
    async with talking(system, echoes_unknown=True) as (session, line):
        device = await discovered(session)
        poll = await device.poll(NOW, full=True)
        found = values(poll)
        assert found["load_1"][Quantity.AC_POWER] == 300.0
        assert found["load_2"][Quantity.AC_POWER] == 200.0
        assert found["load_3"][Quantity.AC_POWER] == 500.0
        assert found["inverter_2"][Quantity.DC_POWER] == pytest.approx(600.0, abs=30.0)
        assert found["battery_3"][Quantity.DC_POWER] == pytest.approx(500.0, abs=30.0)
        assert set(poll.statuses) == {"inverter", "inverter_2", "inverter_3"}
        assert device.config.unit == 1
        line.requests.clear()
        units[0].fault = 81
        poll = await device.poll(NOW, full=False)
        assert [r for r in line.requests if r.startswith("QPGS")] == [
            "QPGS0",
            "QPGS1",
            "QPGS2",
        ]
        assert poll.statuses["inverter_3"] == "fault"
        assert poll.events["inverter_3"] == {"host_lost"}
        # A unit that leaves and the places that move keep their numbers.
        system.units = [units[1], units[0]]
        system.asked = 0
        poll = await device.poll(NOW, full=True)
        assert "load_2" not in values(poll)
        assert "inverter_2" in poll.failed
        assert poll.statuses["inverter_3"] == "fault"
        # One that is switched off has a place, and does not exist.
        units[0].serial, units[1].serial = "92931701100530", "92931701100510"
        system.absent = {1}
        poll = await device.poll(NOW, full=False)
        assert poll.failed["inverter_3"] == "it has left the system"


@pytest.mark.parametrize("answer", ["PI41", "PI17"])
async def test_another_protocol(answer: str) -> None:
    """A unit that names another protocol is refused with that name."""
    async with talking(RecordedInverter({"QPI": answer})) as (session, _):
        with pytest.raises(NotThisProtocolError, match=answer):
            await discovered(session)


async def test_protocol_18() -> None:
    """A unit of the newer framing is recognised by its own question."""

    class NewerUnit:
        """Answers in the newer framing only."""

        def answer(self, command: str) -> str | None:
            """Return what stands for the number of the protocol."""
            return "^D00518" if command == "^P005PI" else None

    faults = LineFaults()
    faults.start(Silence(), only=("Q",))
    async with talking(NewerUnit(), faults, pace=QUICK) as (session, _):
        with pytest.raises(NotThisProtocolError, match="PI18"):
            await discovered(session)


async def test_nobody_there() -> None:
    """A silent line is no unit, and not one of another protocol."""
    faults = LineFaults()
    faults.start(Silence())
    pace = Pace(timeout=0.05, quiet=0.001, late=0.2)
    async with talking(RecordedInverter({}), faults, pace=pace) as (session, _):
        with pytest.raises(UnansweredError):
            await discovered(session)


async def test_neither_ratings_nor_values() -> None:
    """What says PI30 and knows nothing else cannot be read."""
    async with talking(RecordedInverter({"QPI": "PI30"})) as (session, _):
        with pytest.raises(NotThisProtocolError, match="QPIRI"):
            await discovered(session)


async def test_units_that_are_silent_where_they_should_refuse() -> None:
    """Discovery takes longer, and finds the same."""
    faults = LineFaults()
    faults.start(Silence(), only=("QSID", "QMN", "QPIGS2"))
    pace = Pace(timeout=0.1, quiet=0.001, late=0.5, settling=0.01)
    async with talking(RecordedInverter(PIP_REPLIES), faults, pace=pace) as (
        session,
        _,
    ):
        device = await discovered(session)
        assert device.identity.serial == "92931701100510"
        assert device.dialect.family is Family.PIP
        assert (await device.poll(NOW, full=True)).failed == {}


async def test_everything_for_a_bug_report() -> None:
    """All answers, and no serial number in them."""
    source = RecordedInverter.load(FIXTURES / "pi30_replies.json", ["pi30max", "pi30"])
    source.replies["QPGS0"] = payloads("QPGS")[3].replace("315 B", "335 B")
    source.replies["QPGS1"] = payloads("QPGS")[0]
    async with talking(source) as (session, _):
        device = await discovered(session)
        report = await device.read_all("alias")
        description = device.describe()
    answers = report["answers"]
    assert answers["QPIGS"] == source.replies["QPIGS"]
    assert answers["QT"] == source.replies["QT"]
    assert answers["QID"] == "alias"
    assert answers["QSID"] == "alias"
    assert answers["QPGS0"].startswith("0 alias B 00")
    assert answers["QPGS1"].startswith("1 00000000000000 B 00")
    assert answers["QPGS2"] == "(QPGS2 is refused)"
    assert "9293" not in f"{report} {description}"
    assert description["family"] == "max"
    assert description["pv_current_side"] == "panel"
    assert not description["pv_current_side_chosen"]
    assert description["refused"] == ["QPGS2", "QVFW2"]


async def test_a_report_of_a_silent_unit() -> None:
    """Three silences are enough."""
    faults = LineFaults()
    pace = Pace(timeout=0.05, quiet=0.001, settling=0.01)
    async with talking(RecordedInverter(PIP_REPLIES), faults, pace=pace) as (
        session,
        line,
    ):
        device = await discovered(session)
        faults.start(Silence())
        line.requests.clear()
        answers = (await device.read_all("alias"))["answers"]
        assert len(answers) <= 5
        assert answers["QPI"] == "(QPI: no answer)"


async def test_over_a_serial_port() -> None:
    """The same over a pty: discovery, polls and a gap of an hour."""
    clock = Clock(NOW)
    port = PtyPort(Line(OffGridInverter(now=clock, model=MAX)))
    await port.start()
    session = Session(opener(port.path), CALM)
    try:
        device = await discovered(session)
        assert (await device.poll(clock.now, full=True)).failed == {}
        clock.now += timedelta(hours=1)
        found = values(await device.poll(clock.now, full=True))
        assert found["load_1"][Quantity.ENERGY_CONSUMED] == pytest.approx(300.0, abs=1)
    finally:
        await session.close()
        await port.stop()
