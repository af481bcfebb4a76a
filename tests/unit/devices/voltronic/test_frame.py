"""Requests and replies byte for byte, and what damaged ones come to."""

from typing import Any

from hypothesis import given, strategies as st
import pytest

from custom_components.pv_family.devices.voltronic.errors import FrameError
from custom_components.pv_family.devices.voltronic.frame import (
    MAX_FRAME,
    Kind,
    Reply,
    checksum,
    parse,
    request,
)
from simulation.voltronic import frame as simulated

from .recorded import PIP_LIVE, REPLIES, REQUESTS

payload_texts = st.text(
    st.characters(min_codepoint=0x20, max_codepoint=0x7E, exclude_characters="("),
    min_size=1,
    max_size=200,
)


@pytest.mark.parametrize("item", REQUESTS, ids=lambda item: item["command"])
def test_requests(item: dict[str, Any]) -> None:
    """Every request has the published bytes."""
    assert request(item["command"]) == bytes.fromhex(item["frame_hex"])


@pytest.mark.parametrize("item", REPLIES, ids=lambda item: item["command"])
def test_recorded_replies(item: dict[str, Any]) -> None:
    """Every recorded reply says what was recorded."""
    reply = parse(bytes.fromhex(item["reply_hex"]))
    assert reply.text == item["payload"]
    kinds = {"ACK": Kind.ACK, "NAK": Kind.NAK, "QPGS0": Kind.ECHO}
    assert reply.kind is kinds.get(item["payload"], Kind.DATA)


@pytest.mark.parametrize("item", REPLIES, ids=lambda item: item["command"])
def test_every_single_wrong_bit_is_noticed(item: dict[str, Any]) -> None:
    """No reply with one wrong bit says anything else than it should."""
    good = bytes.fromhex(item["reply_hex"])
    for place in range(len(good) - 1):
        for bit in range(8):
            bad = bytearray(good)
            bad[place] ^= 1 << bit
            try:
                reply = parse(bytes(bad))
            except FrameError:
                continue
            if reply.kind is Kind.FOREIGN:
                assert place == 0
            else:
                # Only a reserved byte of the checksum may be read in two ways.
                assert reply.text == item["payload"]
                assert place >= len(good) - 3


@pytest.mark.parametrize(
    ("frame", "kind"),
    [
        (b"(NAK\r", Kind.NAK),
        (b"(NAKss\r", Kind.NAK),
        (b"(ACK\r", Kind.ACK),
        (b"(ACK9 \r", Kind.ACK),
        (b"\0\0\n(ACK9 \r", Kind.ACK),
        (b"(ACK9 \r\0\0\0\0", Kind.ACK),
        (b"(000.0 0(ACK9 \r", Kind.ACK),
        (b"^D00518\x12\x34\r", Kind.FOREIGN),
        (request("QPI"), Kind.ECHO),
    ],
)
def test_kinds(frame: bytes, kind: Kind) -> None:
    """Refusals without a checksum, filling, broken heads, echoes, other protocols."""
    assert parse(frame).kind is kind


@pytest.mark.parametrize(
    "frame",
    [
        b"",
        b"\r",
        b"(",
        b"(\r",
        b"(AC\r",
        b"(ACKxy\r",
        b"(PI30\r",
        simulated.reply(PIP_LIVE)[:60] + b"\r",
        b"(" + b"9" * MAX_FRAME,
        b"(\x01\x02\x03" + checksum(b"(\x01\x02\x03") + b"\r",
    ],
)
def test_what_cannot_be_read(frame: bytes) -> None:
    """Nothing is made of what is cut, garbled, endless or no text."""
    with pytest.raises(FrameError):
        parse(frame)


@pytest.mark.parametrize("payload", ["0", "ab 1", "230.0"])
@pytest.mark.parametrize("zeros", [True, False])
def test_zeros_in_checksums(payload: str, zeros: bool) -> None:
    """A zero in a checksum may come as one, too."""
    # Payloads are lengthened until their checksum has a zero.
    text = next(
        t
        for t in (f"{payload}{n:06d}" for n in range(100_000))
        if 0 in simulated.crc16(b"(" + t.encode()).to_bytes(2)
    )
    frame = simulated.reply(text, no_zeros=not zeros)
    assert (0 in frame) is zeros
    assert parse(frame) == Reply(Kind.DATA, text)


@given(payload_texts)
def test_two_implementations_agree(text: str) -> None:
    """What the simulation sends is read here, and the other way round."""
    assert parse(simulated.reply(text)).text == text
    assert simulated.command(request(text)) == text


@given(st.binary(max_size=MAX_FRAME + 40))
def test_any_bytes(frame: bytes) -> None:
    """Whatever comes is either a reply of printable text or refused."""
    try:
        reply = parse(frame)
    except FrameError:
        return
    if reply.kind is not Kind.FOREIGN:
        assert reply.text.isascii() and reply.text.isprintable()


@given(payload_texts, st.binary(max_size=30))
def test_a_reply_behind_noise(text: str, noise: bytes) -> None:
    """A whole reply is found behind the broken head of another one."""
    noise = noise.replace(b"\r", b"").lstrip(b"\0\n^")
    assert parse(noise + simulated.reply(text)).text == text
