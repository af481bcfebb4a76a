"""What can go wrong between the question and the answer."""

from ..device import DeviceError, SilentError


class LinkError(SilentError):
    """The port or the connection is not there."""


class FrameError(SilentError):
    """What came cannot be read."""


class UnansweredError(SilentError):
    """No answer to this command in time."""


class RefusedError(DeviceError):
    """The unit refuses a command: it lacks it, or not now.

    Attributes:
        command: What was asked.
    """

    def __init__(self, command: str) -> None:
        """Name the command."""
        super().__init__(f"{command} is refused")
        self.command = command


class SettingError(Exception):
    """A setting cannot be changed this way.

    Attributes:
        reason: Why, as a translation key.
        params: What its text mentions.
    """

    def __init__(self, reason: str, **params: str | float) -> None:
        """Say why, with what the user needs to put it right."""
        super().__init__(f"{reason}: {params}" if params else reason)
        self.reason = reason
        self.params = params
