"""Everything a unit says, for a bug report that names nobody."""

from typing import Final

from ..device import SilentError
from . import commands
from .errors import LinkError, RefusedError, UnansweredError
from .query import Query
from .session import Session

_MOST_SILENCES: Final = 3
_PARALLEL: Final = commands.PARALLEL[:3]


async def every_answer(session: Session, serial: str, alias: str) -> dict[str, str]:
    """Return the answer to each command; in brackets why there is none.

    Args:
        session: Asks them.
        serial: The unit's serial number.
        alias: What stands in for it.

    Raises:
        LinkError: The link is down.
    """
    answers: dict[str, str] = {}
    silences = 0
    for query in (*commands.EVERY, *_PARALLEL):
        try:
            text = await session.ask(query)
        except LinkError:
            raise
        except (SilentError, RefusedError) as err:
            answers[query.command] = f"({err})"
            silences += isinstance(err, UnansweredError)
        else:
            answers[query.command] = _anonymous(query, text, serial, alias)
        if silences >= _MOST_SILENCES:
            break
    return answers


def _anonymous(query: Query, text: str, serial: str, alias: str) -> str:
    """Return an answer without what names a unit."""
    if query in {commands.SERIAL, commands.LONG_SERIAL}:
        return alias
    if query in commands.PARALLEL:
        exists, named, rest = text.split(" ", 2)
        own = serial.startswith(named)
        return f"{exists} {alias if own else '0' * len(named)} {rest}"
    return text
