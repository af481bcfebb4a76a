"""The questions of one poll, and what remained without an answer."""

from dataclasses import dataclass, field

from .errors import FrameError, RefusedError, UnansweredError
from .query import Query
from .session import Session

# One late answer is not a silent unit, two are.
_MOST_UNANSWERED = 2


@dataclass(slots=True)
class Round:
    """One poll's questions beside the first one, which decides whether it lives.

    Attributes:
        session: Asks them.
        known: The commands that were ever answered; grows.
        failed: The parts that lack what was once answered, with the reason.
    """

    session: Session
    known: set[str]
    failed: dict[str, str] = field(default_factory=dict)
    _unanswered: int = 0

    async def ask(self, query: Query, part: str) -> str:
        """Return an answer, empty if there is none.

        Args:
            query: The question.
            part: What lacks something without the answer.

        Raises:
            LinkError: The link is down.
        """
        reason = "no time left"
        if self._unanswered < _MOST_UNANSWERED:
            try:
                text = await self.session.ask(query)
            except UnansweredError as err:
                self._unanswered += 1
                reason = str(err)
            except (FrameError, RefusedError) as err:
                reason = str(err)
            else:
                self.known.add(query.command)
                return text
        if query.command in self.known:
            self.failed.setdefault(part, reason)
        return ""
