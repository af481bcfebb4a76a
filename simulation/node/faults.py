"""What can go wrong with a simulated node."""

from dataclasses import dataclass

HOSTILE = (
    b"",
    b"\x00\xff\xfe",
    b"nan",
    b'{"potenza_w":NaN}',
    b'{"potenza_w":1e999}',
    b'{"potenza_w":true}',
    b'{"potenza_w":"1500"}',
    b'{"potenza_w":1500',
    b'{"potenza_w":1,"potenza_w":2}',
    b"[" * 4000,
    b'{"potenza_w":' + b"9" * 4000 + b"}",
    b'{"potenza_w":1500}' + b" " * 5000,
    b"[1500]",
    b'"1500"',
    b'{"potenza_w":{"$gt":0}}',
    b'{"potenza_w":1500,"seq":-1}',
    b'{"potenza_w":1500,"t":1e300}',
    b'{"potenza_w":1500,"boot":["a"]}',
)
"""Payloads that nobody should take for a measurement of production."""


@dataclass(slots=True)
class NodeFaults:
    """The faults that are on.

    Attributes:
        copies: How often each message is sent.
        shuffle: Messages are held back in groups of this many and sent in any order.
        clock_error: The node's clock is ahead by this, in s.
        hostile: Before each measurement comes a payload that is none.
        silent: The node sends nothing, but keeps its connection.
    """

    copies: int = 1
    shuffle: int = 0
    clock_error: float = 0.0
    hostile: bool = False
    silent: bool = False
