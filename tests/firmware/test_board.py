"""The boards' firmware on simavr, with injected waveforms, lines and faults."""

import math
from pathlib import Path
import statistics

import pytest

from .programs import INTERRUPTS, MCUS, STACK, line, simulate

pytestmark = pytest.mark.timeout(900)

_SETTINGS = (
    (0.5, "say " + line("conf", {"rele_attivi": True})),
    (2.5, "say " + line("conf", {"rele": 1, "min_on_s": 0, "min_off_s": 0})),
)


def _calibration(
    board: str, channel: int, times: int = 6, first: int = 1
) -> list[tuple[float, str]]:
    """Ask for the exact values of a channel, once in every window, from 3 s on."""
    return [
        (
            3.2 + 1.1 * number,
            "say "
            + line(
                "cmd/calibra", {"canale": channel, "azione": "leggi", "seq": number}
            ),
        )
        for number in range(first, first + times)
    ]


@pytest.mark.parametrize("board", MCUS)
@pytest.mark.parametrize(
    ("amperes", "lag"),
    [(0.0, 0.0), (1.0, 0.0), (10.0, 60.0), (40.0, 0.0), (8.0, 180.0)],
)
def test_accuracy(build: Path, board: str, amperes: float, lag: float) -> None:
    """Within 0.2 % above 200 W and half a watt at nothing, the sign right."""
    wave = ((0.0, f"amps1={amperes}"), (0.0, f"lag1={lag}"))
    result = simulate(build, board, 11.2, *wave, *_calibration(board, 1))
    answers = result.all("calibrazione")
    assert len(answers) == 6
    watts = statistics.fmean(answer["w"] for answer in answers)
    apparent = 230.0 * amperes
    true = apparent * math.cos(math.radians(lag))
    assert watts == pytest.approx(true, abs=max(0.5, 0.002 * abs(apparent)))
    volts = statistics.fmean(answer["v"] for answer in answers)
    assert volts == pytest.approx(230.0, rel=0.002)
    assert result.whole
    assert result.stack <= STACK
    assert result.interrupts <= INTERRUPTS


@pytest.mark.parametrize("board", MCUS)
def test_loads_that_are_no_sine(build: Path, board: str) -> None:
    """A third harmonic changes nothing, a dimmer's steep edges almost nothing."""
    wave = (
        *((0.0, event) for event in ("hertz=49.9", "amps1=8", "third1=0.4", "lag1=20")),
        *((0.0, event) for event in ("amps2=8", "cut2=60")),
    )
    asked = [
        *_calibration(board, 1),
        *_calibration(board, 3, first=7),
    ]
    result = simulate(build, board, 18.2, *wave, *asked)
    cut = math.radians(60.0)
    passed = (math.pi - cut + math.sin(2.0 * cut) / 2.0) / math.pi
    for channel, share, limit in (
        (1, math.cos(math.radians(20.0)), 0.002),
        (3, passed, 0.005),
    ):
        answers = [a for a in result.all("calibrazione") if a["canale"] == channel]
        assert len(answers) == 6
        watts = statistics.fmean(answer["w"] for answer in answers)
        assert watts == pytest.approx(8.0 * 230.0 * share, rel=limit)


@pytest.mark.parametrize("board", MCUS)
@pytest.mark.parametrize("hertz", [49.8, 50.2])
def test_mains_that_are_not_50_hertz(build: Path, board: str, hertz: float) -> None:
    """Windows follow the mains: power flickers by less than 0.3 W."""
    wave = ((0.0, f"hertz={hertz}"), (0.0, "amps1=8.7"))
    result = simulate(build, board, 15.6, *wave, *_calibration(board, 1, 10))
    watts = [answer["w"] for answer in result.all("calibrazione")]
    assert len(watts) == 10
    assert statistics.stdev(watts) < 0.3
    assert statistics.fmean(watts) == pytest.approx(2001.0, rel=0.001)
    assert result.last("rete")["hz"] == pytest.approx(hertz, abs=0.03)


@pytest.mark.parametrize("board", MCUS)
def test_nothing_is_nothing(build: Path, board: str) -> None:
    """Without a current every single answer is within half a watt of nothing."""
    result = simulate(build, board, 12.3, *_calibration(board, 1, 7))
    watts = [answer["w"] for answer in result.all("calibrazione")]
    assert len(watts) == 7
    assert max(abs(value) for value in watts[1:]) <= 0.5


@pytest.mark.parametrize("board", MCUS)
def test_a_lease_ends(build: Path, board: str) -> None:
    """A relay is off when its lease ends, without another word."""
    on = line("cmd/rele/1", {"on": True, "ttl_s": 3, "seq": 1})
    result = simulate(build, board, 9.0, *_SETTINGS, (5.0, f"say {on}"))
    (at, bits), (end, none) = result.relays
    assert (bits, none) == (1 if board == "mega" else 0x40, 0)
    assert at == pytest.approx(5.05, abs=0.15)
    assert 2.8 <= end - at <= 3.01
    assert result.last("rele/1")["motivo"] == "lease"


def test_a_converter_that_hangs_resets_the_board(build: Path) -> None:
    """The watchdog switches off, and the node says that it did."""
    on = line("cmd/rele/1", {"on": True, "ttl_s": 900, "seq": 1})
    result = simulate(
        build, "uno", 19.0, *_SETTINGS, (5.0, f"say {on}"), (7.0, "stall")
    )
    assert [bits for _, bits in result.relays] == [0x40, 0]
    assert 7.0 < result.relays[1][0] < 12.0
    assert result.last("produzione")["boot"] == 2
    assert {a["codice"] for a in result.all("allarme") if a["attivo"]} >= {"watchdog"}


def test_a_reset_switches_off(build: Path) -> None:
    """Whatever was on is off after a reset, and stays off."""
    on = line("cmd/rele/1", {"on": True, "ttl_s": 900, "seq": 1})
    result = simulate(
        build, "mega", 8.0, *_SETTINGS, (5.0, f"say {on}"), (6.0, "reset")
    )
    assert [bits for _, bits in result.relays] == [1, 0]
    assert 6.0 <= result.relays[1][0] < 6.3


def test_memory_outlives_the_power(build: Path, tmp_path: Path) -> None:
    """Calibration and the count of starts are kept without power."""
    kept = ("--eeprom", str(tmp_path / "eeprom"))
    write = {"canale": 1, "azione": "scrivi", "guadagno": 1.05, "seq": 1}
    event = (3.0, "say " + line("cmd/calibra", write))
    first = simulate(build, "uno", 6.0, event, options=kept)
    assert first.last("calibrazione")["guadagno"] == pytest.approx(1.05)
    amperes = (0.0, "amps1=10")
    second = simulate(
        build, "uno", 11.2, amperes, *_calibration("uno", 1), options=kept
    )
    assert second.last("calibrazione")["guadagno"] == pytest.approx(1.05)
    assert second.last("calibrazione")["w"] == pytest.approx(2415.0, rel=0.002)
    assert second.last("produzione")["boot"] == 2


def test_hours_outlive_the_power(build: Path, tmp_path: Path) -> None:
    """An hour that ended unheard is in the EEPROM, and is told after a restart."""
    kept = ("--eeprom", str(tmp_path / "eeprom"))
    hour = 1781946000
    clock = (3.0, "say " + line("ora", {"t": hour + 3590}))
    simulate(build, "mega", 16.0, (0.0, "amps1=40"), clock, options=kept)
    events = (
        (3.0, "say " + line("ora", {"t": hour + 9000})),
        (4.0, "say " + line("link", {"on": True})),
    )
    result = simulate(build, "mega", 7.0, *events, options=kept)
    (message,) = [body for body in result.all("energia") if "ore" in body]
    (start, produced, *_), (following, *_) = message["ore"]
    # The hour in which the power went is told as well, with what was measured of it.
    assert (start, following) == (hour, hour + 3600)
    assert produced == pytest.approx(9200 * 12.5 / 3600, abs=3)


def test_the_time_after_2036(build: Path) -> None:
    """A time server's seconds wrap in February 2036; a node's clock does not."""
    address = {"ip": "10.0.0.2", "broker": "10.0.0.1", "ntp": "10.0.0.1"}
    events = (
        (0.5, "say " + line("conf", {"casa": "casa_A"})),
        (2.0, "say " + line("conf", address)),
    )
    late = 2_100_000_000
    options = ("--time", str(late))
    result = simulate(build, "mega", 20.0, *events, options=options)
    assert late < result.last("produzione")["t"] < late + 20


def test_without_a_voltage_it_is_an_estimate(build: Path) -> None:
    """An adaptor that is unplugged is told, and nothing pretends to be measured."""
    wave = ((0.0, "amps1=10"), (4.0, "volts=0"))
    result = simulate(build, "uno", 12.0, *wave)
    assert result.last("produzione")["stima"] is True
    assert result.last("allarme") | {"seq": 0} == {
        "codice": "rete_assente",
        "attivo": True,
        "seq": 0,
        "boot": 1,
    }
