"""A token bucket: how fast a node may report."""

from dataclasses import dataclass


@dataclass(slots=True)
class Limiter:
    """Let a burst pass, then a steady rate.

    Attributes:
        rate: Reports a second in the long run.
        burst: Reports at once.
        tokens: Reports that may come now.
        filled: When the tokens were counted last, in s of a steady clock.
    """

    rate: float
    burst: float
    tokens: float
    filled: float

    @classmethod
    def full(cls, rate: float, burst: float, now: float) -> Limiter:
        """Return a limiter that has let nothing pass yet."""
        return cls(rate, burst, burst, now)

    def take(self, now: float) -> float:
        """Let one report pass and return 0, or return how long to wait in s.

        Args:
            now: The present in s of a steady clock.
        """
        elapsed = max(0.0, now - self.filled)
        self.tokens = min(self.burst, self.tokens + elapsed * self.rate)
        self.filled = now
        if self.tokens < 1.0:
            return (1.0 - self.tokens) / self.rate
        self.tokens -= 1.0
        return 0.0
