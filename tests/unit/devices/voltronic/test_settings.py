"""What can be set, within which limits, and that it is read back."""

from dataclasses import replace
from typing import override

from hypothesis import given, strategies as st
import pytest

from custom_components.pv_family.devices.voltronic.changes import check, offers, same
from custom_components.pv_family.devices.voltronic.commands import (
    RATINGS,
    currents,
    flags,
)
from custom_components.pv_family.devices.voltronic.device import VoltronicDevice
from custom_components.pv_family.devices.voltronic.dialect import Family
from custom_components.pv_family.devices.voltronic.errors import (
    SettingError,
    UnansweredError,
)
from custom_components.pv_family.devices.voltronic.session import Session
from custom_components.pv_family.devices.voltronic.setting import Config, Kind, Value
from custom_components.pv_family.devices.voltronic.settings import SETTINGS, WORDS
from simulation.voltronic import (
    MAX,
    MKS,
    PIP,
    Garble,
    Late,
    LineFaults,
    Model,
    Nak,
    OffGridInverter,
    RecordedInverter,
    Silence,
)
from tests.unit.simulation.conftest import Clock

from .recorded import MAX_RATINGS, NOW, PIP_LIVE, PIP_RATINGS, QUICK, payloads, talking


def config(
    ratings: str = PIP_RATINGS, family: Family | None = Family.PIP, unit: int = 0
) -> Config:
    """Return what a recorded unit tells of its settings."""
    return Config(
        ratings=RATINGS.decode(ratings),
        flags=flags("EakxyDbdjuvz"),
        charge_currents=(10, 20, 30, 60, 120),
        utility_charge_currents=(2, 10, 20, 30, 120),
        family=family,
        unit=unit,
    )


def commands(settings: Config, key: str, value: Value) -> tuple[str, ...]:
    """Return what would be sent for a change that is allowed."""
    return SETTINGS[key].commands(settings, check(settings, key, value))


def test_what_a_recorded_unit_offers() -> None:
    """Every setting as it stands, with what it may become."""
    found = offers(config())
    assert set(found) == set(SETTINGS)
    assert {key: offer.value for key, offer in found.items()} == {
        "output_priority": "utility",
        "charger_priority": "utility",
        "input_range": "ups",
        "max_charge_current": "10",
        "max_utility_charge_current": "10",
        "cut_off_voltage": 42.0,
        "recharge_voltage": "46",
        "redischarge_voltage": "54",
        "float_voltage": 54.0,
        "bulk_voltage": 56.4,
        "buzzer": True,
        "overload_bypass": False,
        "power_saving": False,
        "lcd_escape": True,
        "overload_restart": False,
        "over_temperature_restart": False,
        "backlight": True,
        "source_loss_alarm": True,
        "fault_record": False,
    }
    assert found["redischarge_voltage"].options[:3] == ("full", "48", "49")
    assert found["recharge_voltage"].options == tuple(str(v) for v in range(44, 52))
    assert (found["float_voltage"].low, found["float_voltage"].high) == (48.0, 58.4)
    assert found["max_charge_current"].options == ("10", "20", "30", "60", "120")
    # Three digits would name another unit on this family.
    assert found["max_utility_charge_current"].options == ("2", "10", "20", "30")
    assert {offer.storage for offer in found.values()} == {"flash"}


def test_never_offered() -> None:
    """Nothing sends factory defaults, feeds the grid or logs on the display."""
    sent = {
        command
        for key, offer in offers(config()).items()
        for value in (*offer.options, offer.value, offer.low, True, False)
        if isinstance(value, type(offer.value))
        for command in SETTINGS[key].commands(config(), value)
    }
    assert not {c for c in sent if c.startswith("PF")}
    assert not sent & {"PED", "PDD", "PEd", "PDd", "PEL", "PDL"}


def test_battery_voltages() -> None:
    """The ranges follow the nominal voltage; an unknown one offers none."""
    low = offers(config(payloads("QPIRI")[2]))
    assert low["recharge_voltage"].options[:2] == ("22", "22.5")
    assert (low["cut_off_voltage"].low, low["cut_off_voltage"].high) == (20.0, 24.0)
    odd = offers(config(PIP_RATINGS.replace(" 48.0 ", " 36.0 ", 1)))
    assert "cut_off_voltage" not in odd and "recharge_voltage" not in odd
    assert "output_priority" in odd


def test_values_beyond_the_papers() -> None:
    """What a clone already has is within what it may have."""
    clone = config(PIP_RATINGS.replace("56.4 54.0", "60.0 54.0"))
    assert offers(clone)["bulk_voltage"].high == 60.0
    assert check(clone, "bulk_voltage", 59.5) == 59.5
    halves = config(PIP_RATINGS.replace("54.0 0 1", "53.5 0 1"))
    assert "53.5" in offers(halves)["redischarge_voltage"].options


@pytest.mark.parametrize(
    ("key", "value", "family", "expected"),
    [
        ("output_priority", "solar_battery_utility", Family.PIP, ("POP02",)),
        ("charger_priority", "only_solar", Family.PIP, ("PCP03",)),
        ("input_range", "appliance", Family.MAX, ("PGR00",)),
        ("max_charge_current", "60", Family.PIP, ("MNCHGC0060", "MCHGC060")),
        ("max_charge_current", "120", Family.PIP, ("MNCHGC0120",)),
        ("max_charge_current", "60", Family.MKS, ("MNCHGC0060", "MCHGC060")),
        ("max_charge_current", "120", Family.MAX, ("MNCHGC0120",)),
        ("max_charge_current", "120", Family.GK, ("MNCHGC120",)),
        ("max_charge_current", "60", None, ("MNCHGC0060",)),
        ("max_utility_charge_current", "30", Family.PIP, ("MUCHGC030",)),
        ("max_utility_charge_current", "30", None, ("MUCHGC030",)),
        ("max_utility_charge_current", "120", Family.MKS, ("MUCHGC120",)),
        ("recharge_voltage", "44", Family.PIP, ("PBCV44.0",)),
        ("redischarge_voltage", "full", Family.PIP, ("PBDV00.0",)),
        ("cut_off_voltage", 44.0, Family.PIP, ("PSDV44.0",)),
        ("float_voltage", 54.1, Family.PIP, ("PBFT54.1",)),
        ("bulk_voltage", 58.4, Family.PIP, ("PCVV58.4",)),
        ("buzzer", False, Family.PIP, ("PDA", "PDa")),
        ("power_saving", True, Family.PIP, ("PEJ", "PEj")),
    ],
)
def test_commands(
    key: str, value: Value, family: Family | None, expected: tuple[str, ...]
) -> None:
    """Each change is sent in the form that its family takes."""
    assert commands(config(family=family), key, value) == expected


def test_commands_in_a_parallel_system() -> None:
    """The unit's place stands in the command."""
    fields = PIP_RATINGS.split()
    fields[21] = "1"
    settings = config(" ".join(fields), Family.MAX, unit=2)
    assert commands(settings, "charger_priority", "solar") == ("PPCP201",)
    assert commands(settings, "max_charge_current", "60") == ("MNCHGC2060",)
    assert commands(settings, "max_utility_charge_current", "30") == ("MUCHGC230",)


@pytest.mark.parametrize(
    ("key", "value", "reason"),
    [
        ("factory_defaults", True, "not_offered"),
        ("output_priority", "grid", "no_option"),
        ("output_priority", 2, "no_option"),
        ("charger_priority", "solar_and_utility", "no_option"),
        ("max_charge_current", "55", "no_option"),
        ("max_utility_charge_current", "120", "no_option"),
        ("recharge_voltage", "52", "no_option"),
        ("redischarge_voltage", "47", "no_option"),
        ("cut_off_voltage", "44", "not_a_number"),
        ("cut_off_voltage", True, "not_a_number"),
        ("cut_off_voltage", float("nan"), "not_a_number"),
        ("cut_off_voltage", float("inf"), "not_a_number"),
        ("cut_off_voltage", 39.9, "out_of_range"),
        ("bulk_voltage", 58.5, "out_of_range"),
        ("float_voltage", 54.05, "not_a_step"),
        ("buzzer", "on", "not_a_switch"),
        ("buzzer", 1.0, "not_a_switch"),
        # Cut-off 42 < recharge 46 < redischarge 54 <= float 54 <= bulk 56.4.
        ("cut_off_voltage", 46.0, "order"),
        ("recharge_voltage", "44", None),
        ("redischarge_voltage", "55", "order"),
        ("redischarge_voltage", "54", None),
        ("redischarge_voltage", "full", None),
        ("float_voltage", 53.9, "order"),
        ("float_voltage", 56.4, None),
        ("float_voltage", 56.5, "order"),
        ("bulk_voltage", 53.9, "order"),
        ("bulk_voltage", 54.0, None),
    ],
)
def test_limits(key: str, value: Value, reason: str | None) -> None:
    """What is out of range or order is refused with its own reason."""
    if reason is None:
        assert same(check(config(), key, value), value)
        return
    with pytest.raises(SettingError) as caught:
        check(config(), key, value)
    assert caught.value.reason == reason
    assert caught.value.params["setting"] == key


def test_order_without_a_redischarge_voltage() -> None:
    """Full is above everything, and what remains keeps its order."""
    full = config(PIP_RATINGS.replace("54.0 0 1", "00.0 0 1"))
    assert check(full, "float_voltage", 52.0) == 52.0
    high = config(
        PIP_RATINGS.replace("54.0 0 1", "00.0 0 1").replace("48.0 46.0", "48.0 51.0")
    )
    with pytest.raises(SettingError) as caught:
        check(high, "float_voltage", 51.0)
    assert caught.value.params == {
        "setting": "float_voltage",
        "other": "recharge_voltage",
        "value": 51.0,
        "relation": "above",
    }


values = (
    st.text(max_size=6)
    | st.floats()
    | st.booleans()
    | st.sampled_from(["46", "54", "full", "solar"])
    | st.floats(40.0, 60.0).map(lambda v: round(v, 1))
)


@given(st.sampled_from(sorted(SETTINGS)), values, st.sampled_from([*Family, None]))
def test_any_change(key: str, value: Value, family: Family | None) -> None:
    """Whatever is asked for is refused, or sent as a whole command."""
    settings = config(MAX_RATINGS, family)
    try:
        sent = commands(settings, key, value)
    except SettingError:
        return
    offer = offers(settings)[key]
    if offer.kind is Kind.NUMBER:
        assert isinstance(value, float) and offer.low <= value <= offer.high
    for command in sent:
        assert command.replace(".", "").isalnum() and command.isascii()
        assert 3 <= len(command) <= 10


@given(st.lists(st.text("0123456789.-ABC", min_size=1, max_size=24), max_size=30))
def test_any_ratings(fields: list[str]) -> None:
    """Whatever a unit says of its settings, an offer holds its own value."""
    settings = replace(config(), ratings=RATINGS.decode(" ".join(fields)))
    for offer in offers(settings).values():
        if offer.kind is Kind.CHOICE:
            assert offer.value in offer.options
            assert len(set(offer.options)) == len(offer.options)
        elif offer.kind is Kind.NUMBER:
            assert offer.low <= float(offer.value) <= offer.high


def test_words_can_be_translated() -> None:
    """Every word of a choice is a key."""
    assert set(WORDS) == {"output_priority", "charger_priority", "input_range"}
    for words in WORDS.values():
        assert all(word.replace("_", "").isalpha() for word in words)


async def discovered(session: Session) -> VoltronicDevice:
    """Return the unit behind a session."""
    return await VoltronicDevice.discover(session, fallback_serial="fallback")


CHANGES: list[tuple[str, Value]] = [
    ("output_priority", "solar"),
    ("charger_priority", "only_solar"),
    ("input_range", "ups"),
    ("max_charge_current", "20"),
    ("max_utility_charge_current", "2"),
    ("cut_off_voltage", 43.5),
    ("recharge_voltage", "45"),
    ("redischarge_voltage", "full"),
    ("float_voltage", 54.4),
    ("bulk_voltage", 57.0),
    ("buzzer", False),
    ("fault_record", True),
]


@pytest.mark.usefixtures("loopback")
@pytest.mark.parametrize("model", [PIP, MKS, MAX])
async def test_every_change_arrives(model: Model) -> None:
    """Each is sent once, read back, and not sent again while it stands."""
    unit = OffGridInverter(now=Clock(NOW), model=model)
    async with talking(unit) as (session, line):
        device = await discovered(session)
        for key, value in CHANGES:
            assert await device.write(key, value) == value
            assert device.offers[key].value == value
        sent = [r for r in line.requests if not r.startswith("Q")]
        assert len(sent) == len(CHANGES)
        for key, value in CHANGES:
            assert await device.write(key, value) == value
        assert [r for r in line.requests if not r.startswith("Q")] == sent
    assert unit.settings.cut_off_voltage == 43.5
    assert unit.settings.redischarge_voltage == 0.0
    assert unit.settings.flags["a"] is False


@pytest.mark.usefixtures("loopback")
async def test_limits_hold_against_what_the_unit_has_now() -> None:
    """Somebody may have turned the knobs since we looked."""
    unit = OffGridInverter(now=Clock(NOW))
    async with talking(unit) as (session, line):
        device = await discovered(session)
        unit.settings.float_voltage = 56.0
        assert await device.write("redischarge_voltage", "55") == "55"
        line.requests.clear()
        with pytest.raises(SettingError, match="order"):
            await device.write("redischarge_voltage", "57")
        assert line.requests == ["QPIRI"]
        with pytest.raises(SettingError, match="not_offered"):
            await device.write("factory_defaults", value=True)
        assert line.requests == ["QPIRI"]


@pytest.mark.usefixtures("loopback")
async def test_a_refused_change() -> None:
    """A NAK is the unit's last word."""
    faults = LineFaults()
    async with talking(OffGridInverter(now=Clock(NOW)), faults) as (session, line):
        device = await discovered(session)
        faults.start(Nak(), only=("POP",))
        with pytest.raises(SettingError, match="refused"):
            await device.write("output_priority", "solar")
        assert line.requests.count("POP01") == 1
        # A refused setter is not a command that is missing for good.
        faults.clear()
        assert await device.write("output_priority", "solar") == "solar"


@pytest.mark.usefixtures("loopback")
async def test_another_form_of_a_refused_change() -> None:
    """Small letters where the unit refuses capital ones."""

    class SmallLetters(OffGridInverter):
        """Knows flags only as it writes them."""

        @override
        def answer(self, command: str) -> str | None:
            """Refuse capital letters."""
            if command[:2] in {"PE", "PD"}:
                if command[2:].isupper():
                    return None
                command = command.upper()
            return OffGridInverter.answer(self, command)

    async with talking(SmallLetters(now=Clock(NOW))) as (session, _):
        device = await discovered(session)
        assert await device.write("buzzer", value=False) is False


@pytest.mark.usefixtures("loopback")
async def test_a_change_that_is_acknowledged_and_not_made() -> None:
    """An ACK alone is no success."""
    source = RecordedInverter(
        {
            "QPI": "PI30",
            "QID": "92931701100510",
            "QPIRI": PIP_RATINGS,
            "QPIGS": PIP_LIVE,
            "QMOD": "B",
            "QFLAG": "EakxyDbjuvz",
        },
        settable=True,
    )
    async with talking(source) as (session, line):
        device = await discovered(session)
        with pytest.raises(SettingError) as caught:
            await device.write("output_priority", "solar")
        assert caught.value.reason == "not_taken"
        assert caught.value.params["shown"] == "utility"
        assert line.requests.count("POP01") == 1
        with pytest.raises(SettingError, match="not_taken"):
            await device.write("buzzer", value=False)
        assert line.requests[-8:].count("PDA") == 1
        with pytest.raises(SettingError, match="not_offered"):
            await device.write("max_charge_current", "20")


@pytest.mark.usefixtures("loopback")
@pytest.mark.parametrize("fault", [Garble(), Late(1.5 * QUICK.timeout)])
async def test_a_lost_acknowledgement(fault: Garble | Late) -> None:
    """What the unit shows counts, not what was heard of it; it is not sent twice."""
    unit = OffGridInverter(now=Clock(NOW))
    faults = LineFaults()
    async with talking(unit, faults, pace=QUICK) as (session, line):
        device = await discovered(session)
        faults.start(fault, only=("POP",))
        assert await device.write("output_priority", "solar") == "solar"
        assert line.requests.count("POP01") == 1


@pytest.mark.usefixtures("loopback")
async def test_a_change_on_a_silent_unit() -> None:
    """Nothing is sent to a unit that does not tell what it has."""
    faults = LineFaults()
    unit = OffGridInverter(now=Clock(NOW))
    async with talking(unit, faults, pace=QUICK) as (session, line):
        device = await discovered(session)
        faults.start(Silence())
        with pytest.raises(UnansweredError):
            await device.write("output_priority", "solar")
        assert "POP01" not in line.requests


def test_currents_of_an_empty_answer() -> None:
    """A unit that does not list its currents offers none."""
    assert currents("") == ()
    none = replace(config(), charge_currents=(), flags={})
    assert "max_charge_current" not in offers(none)
    assert "buzzer" not in offers(none)
