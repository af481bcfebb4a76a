"""Find out whether a unit speaks PI30, who it is and what it can do."""

from contextlib import suppress
from dataclasses import dataclass

from ..device import Identity, NotThisProtocolError, SilentError
from . import commands
from .dialect import Replies
from .errors import RefusedError, UnansweredError
from .query import Query
from .session import Session
from .setting import Config

PI30 = "PI30"


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What probing a unit brought.

    Attributes:
        identity: Who it is.
        serial_query: What its serial number was asked with, if it has one.
        replies: What tells its family.
        config: Its settings, before the family is known.
    """

    identity: Identity
    serial_query: Query | None
    replies: Replies
    config: Config


async def probe(session: Session, fallback_serial: str) -> Found:
    """Ask a unit everything that does not change.

    Raises:
        NotThisProtocolError: It speaks another protocol, or lacks the essentials.
        SilentError: It does not answer.
    """
    protocol = await _protocol(session)
    serial_query, serial = await _serial(session)
    ratings = await session.find(commands.RATINGS)
    live = await session.find(commands.LIVE)
    if not ratings or not live:
        raise NotThisProtocolError("it answers neither QPIRI nor QPIGS as PI30 does")
    flags = await session.find(commands.FLAGS)
    replies = Replies(
        protocol=protocol,
        ratings=ratings,
        flags=flags,
        live=live,
        live_2=await session.find(commands.LIVE_2),
        mode=await session.find(commands.MODE),
        warnings=await session.find(commands.WARNINGS),
        model=await session.find(commands.MODEL),
    )
    firmware = await session.find(commands.FIRMWARE)
    return Found(
        identity=Identity(
            serial=serial or fallback_serial,
            manufacturer="",
            model=replies.model,
            version=firmware.partition(":")[2],
        ),
        serial_query=serial_query,
        replies=replies,
        config=Config(
            ratings=commands.RATINGS.decode(ratings),
            flags=commands.flags(flags),
            charge_currents=commands.currents(
                await session.find(commands.CHARGE_CURRENTS)
            ),
            utility_charge_currents=commands.currents(
                await session.find(commands.UTILITY_CHARGE_CURRENTS)
            ),
        ),
    )


async def _protocol(session: Session) -> str:
    """Return what a unit says it speaks, empty if it does not say.

    Raises:
        NotThisProtocolError: It is another protocol.
        SilentError: It does not answer.
    """
    try:
        text = await session.find(commands.PROTOCOL)
    except UnansweredError:
        with suppress(SilentError, RefusedError):
            text = await session.ask(commands.PROTOCOL_18)
            raise NotThisProtocolError(f"it speaks PI{text[5:7]}") from None
        raise
    if text not in {PI30, ""}:
        raise NotThisProtocolError(f"it speaks {text}")
    return text


async def _serial(session: Session) -> tuple[Query | None, str]:
    """Return what asks for the serial number, and the number."""
    for query in (commands.LONG_SERIAL, commands.SERIAL):
        number = commands.serial(await session.find(query))
        if number.strip("0"):
            return query, number
    return None, ""
