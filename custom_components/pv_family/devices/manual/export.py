"""Hours written as a file that comes back in as it went out."""

from collections.abc import Iterable
import csv
from datetime import UTC, datetime
from io import StringIO
from typing import NamedTuple

from ...readings.energy_book import Flow


class ExportedHour(NamedTuple):
    """One hour of a flow.

    Attributes:
        start: When it starts (UTC).
        energy: Its energy in Wh.
        provenance: Who says so.
    """

    start: datetime
    energy: float
    provenance: str


def write_log(flow: Flow, hours: Iterable[ExportedHour]) -> str:
    """Return the hours as separated values, one row each, in UTC and Wh."""
    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("start", f"{flow}_wh_per_hour", "provenance"))
    for hour in hours:
        start = hour.start.astimezone(UTC).isoformat()
        writer.writerow((start, _number(hour.energy), hour.provenance))
    return text.getvalue()


def _number(energy: float) -> str:
    """Return an energy without the rounding of the sum that it comes from."""
    return f"{energy:.6f}".rstrip("0").rstrip(".")
