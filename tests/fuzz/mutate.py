"""Damage good inputs in the ways in which wires, disks and people do."""

from collections.abc import Sequence
from random import Random
from typing import Final

_LONGEST: Final = 20_000
_TOKENS: Final = (
    b"",
    b"\0",
    b"\r",
    b"\n",
    b"(",
    b'"',
    b"{",
    b"[" * 200,
    b'{"a":' * 60,
    b"NaN",
    b"Infinity",
    b"-0",
    b"1e999",
    b"9" * 400,
    b"null",
    b"true",
    b"\xff\xfe",
    b"\xed\xa0\x80",
    "ăîșț".encode(),
    b"&a *a",
    b"!!python/object:os.system",
    b"2026-03-29 02:30",
    b"25:61",
    b",,,,",
    b";",
)


def mutate(random: Random, corpus: Sequence[bytes]) -> bytes:
    """Return one of the inputs with a few random changes.

    Args:
        random: Decides.
        corpus: Good inputs.
    """
    data = bytearray(random.choice(corpus))
    for _ in range(random.choice((1, 1, 2, 3, 8))):
        place = random.randrange(len(data) + 1)
        match random.randrange(7):
            case 0 if data:
                data[place % len(data)] ^= 1 << random.randrange(8)
            case 1:
                data[place:place] = random.choice(_TOKENS)
            case 2:
                del data[place : place + random.randrange(1, 20)]
            case 3:
                data[place:place] = data[place : place + random.randrange(1, 40)]
            case 4:
                other = random.choice(corpus)
                cut = random.randrange(len(other) + 1)
                data[place:] = other[cut:]
            case 5:
                end = place + random.randrange(1, 12)
                data[place:end] = random.choice(_TOKENS)
            case _:
                data[place:place] = random.randbytes(random.randrange(1, 16))
    return bytes(data[:_LONGEST])
