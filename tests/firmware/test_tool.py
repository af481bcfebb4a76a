"""The serial tool, against the node as a program on a terminal."""

import os
from pathlib import Path
import subprocess
import tty

import pytest

from firmware.tools import node_serial
from firmware.tools.node_serial import CalibrationError, NodeLine, decode, encode, solve


def test_lines() -> None:
    """A line comes back as it was; a broken one does not."""
    raw = encode("conf", {"casa": "casa_A"})
    assert decode(b"noise" + raw) == ("conf", {"casa": "casa_A"})
    assert decode(raw.replace(b"casa_A", b"casa_B")) is None
    assert decode(b"") is None


def _answer(watts: float, reactive: float | None) -> dict[str, float | None]:
    return {
        "w": watts,
        "var": reactive,
        "v": 220.0,
        "guadagno": 1.0,
        "guadagno_v": 1.0,
        "zero_w": 0.0,
        "fase_gradi": 0.0,
    }


def test_two_points() -> None:
    """Gain, voltage, zero and phase out of a kettle."""
    found = solve([_answer(2.0, 0.0)], [_answer(1902.0, -66.35)], 2000.0, 231.0)
    assert found["guadagno_v"] == pytest.approx(1.05)
    assert found["guadagno"] == pytest.approx(2000.0 / 1901.16 / 1.05, rel=1e-4)
    assert found["fase_gradi"] == pytest.approx(2.0, abs=0.01)
    assert found["zero_w"] == pytest.approx(2.1, abs=0.1)


def test_what_cannot_be_calibrated() -> None:
    """A transformer that is turned, a load that is small, no voltage."""
    zero = [_answer(0.0, 0.0)]
    for load, watts in (
        (_answer(-1900.0, 0.0), 2000.0),
        (_answer(90.0, 0.0), 100.0),
        (_answer(1900.0, None), 2000.0),
    ):
        with pytest.raises(CalibrationError):
            solve(zero, [load], watts, None)


def test_settings_at_a_terminal(build: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is set is there, in as many lines as it needs."""
    # A node is never late here, only a busy machine is.
    monkeypatch.setattr(node_serial, "_ANSWER", 120.0)
    ours, theirs = os.openpty()
    tty.setraw(theirs)
    process = subprocess.Popen(
        [build / "pvf_node", "--port", "9"], stdin=theirs, stdout=theirs
    )
    try:
        with os.fdopen(ours, "r+b", buffering=0) as port:
            node = NodeLine(port)
            found = node.configure(
                {
                    "casa": "casa_di_una_famiglia_numerosa",
                    "prefisso": "comunita/valle",
                    "utente": "nodo",
                    "broker": "192.168.100.100",
                    "gateway": "192.168.100.1",
                    "potenza_w": 4500,
                }
            )
            assert found["casa"] == "casa_di_una_famiglia_numerosa"
            assert found["broker"] == "192.168.100.100"
            assert found["potenza_w"] == 4500
            assert node.calibrate(1, {"azione": "leggi"})["canale"] == 1
    finally:
        process.kill()
        process.wait()
        os.close(theirs)
