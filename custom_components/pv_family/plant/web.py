"""Ask a service on the internet, and keep its last good answer."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime


class WebError(Exception):
    """A service did not give what was asked for; the message says why in words."""


class WebUnreachableError(WebError):
    """The service did not answer at all, or not in time."""


class WebBusyError(WebError):
    """The service asks to come back later."""


class WebRefusedError(WebError):
    """The service refuses the question; the message is its own."""


class WebAnswerError(WebError):
    """The answer cannot be understood; the message says where."""


@dataclass(frozen=True, slots=True)
class WebRequest:
    """What to ask.

    Attributes:
        url: Without its query.
        params: The query.
        most: Bytes that the answer may have.
    """

    url: str
    params: Mapping[str, str]
    most: int


@dataclass(frozen=True, slots=True)
class WebAnswer:
    """What came back.

    Attributes:
        status: Of HTTP.
        body: One byte more than the request allows is enough to refuse it.
    """

    status: int
    body: bytes


type Fetch = Callable[[WebRequest], Awaitable[WebAnswer]]
"""Ask the network; raises `TimeoutError` or `OSError` if that fails."""


async def ask[T](
    fetch: Fetch, request: WebRequest, parse: Callable[[WebAnswer], T]
) -> T:
    """Return what a service answers, parsed.

    Raises:
        WebError: It did not give what was asked for.
    """
    try:
        answer = await fetch(request)
    except TimeoutError as error:
        raise WebUnreachableError("no answer in time") from error
    except OSError as error:
        raise WebUnreachableError(f"no connection: {error}") from error
    return parse(answer)


@dataclass(frozen=True, slots=True)
class LastGood[T]:
    """The last good result of a question that may fail.

    Attributes:
        value: The result, or ``None`` before the first good one.
        taken: When it was got (UTC).
        failing_since: Since when no newer one could be got (UTC).
        failure: Why, in words.
        failures: How often in a row.
    """

    value: T | None = None
    taken: datetime | None = None
    failing_since: datetime | None = None
    failure: str | None = None
    failures: int = 0

    def succeeded(self, now: datetime, value: T) -> LastGood[T]:
        """Return the state after a good result."""
        return LastGood(value, now)

    def failed(self, now: datetime, failure: WebError) -> LastGood[T]:
        """Return the state after a failure: the last good result stays."""
        return LastGood(
            self.value,
            self.taken,
            self.failing_since or now,
            str(failure),
            self.failures + 1,
        )
