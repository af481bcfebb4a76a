"""Dates and times as they are written in different countries."""

from datetime import UTC, datetime, timedelta, timezone

from hypothesis import given, strategies as st
import pytest

from custom_components.pv_family.devices.manual.moments import (
    DateOrder,
    guess_order,
    parse_moment,
)

D, M = DateOrder.DMY, DateOrder.MDY


@pytest.mark.parametrize(
    ("text", "order", "when"),
    [
        ("2026-06-15", D, datetime(2026, 6, 15)),
        ("2026/6/5 7:05", D, datetime(2026, 6, 5, 7, 5)),
        ("15.06.2026 07:05:30", D, datetime(2026, 6, 15, 7, 5, 30)),
        ("15.6.26", D, datetime(2026, 6, 15)),
        ("06/15/2026 1:05 PM", M, datetime(2026, 6, 15, 13, 5)),
        ("06/15/2026 12:00 am", M, datetime(2026, 6, 15)),
        ("20260615", D, datetime(2026, 6, 15)),
        ("2026-06-15T07:05:00.250", D, datetime(2026, 6, 15, 7, 5)),
        ("2026-06-15T07:05Z", D, datetime(2026, 6, 15, 7, 5, tzinfo=UTC)),
        (
            "2026-06-15 07:05:00 +03:00",
            D,
            datetime(2026, 6, 15, 7, 5, tzinfo=timezone(timedelta(hours=3))),
        ),
        ("15.06.2026 24:00", D, datetime(2026, 6, 16)),
        ("15.06.2026 10:00 - 11:00", D, datetime(2026, 6, 15, 10)),
        ("1781514000", D, datetime(2026, 6, 15, 9, tzinfo=UTC)),
        ("1781514000000", D, datetime(2026, 6, 15, 9, tzinfo=UTC)),
        ("15/06/2026", M, None),
        ("31.02.2026", D, None),
        ("15.06.2026 25:00", D, None),
        ("15.06.2026 24:01", D, None),
        ("06/15/2026 13:00 PM", M, None),
        ("15.06.1026", D, None),
        ("2026-06-15T07:05+99:00", D, None),
        ("yesterday", D, None),
        ("", D, None),
        ("9" * 10, D, None),
    ],
)
def test_moments(text: str, order: DateOrder, when: datetime | None) -> None:
    """A time, or nothing."""
    moment = parse_moment(text, order)
    assert (moment.when if moment else None) == when


@pytest.mark.parametrize(
    ("texts", "order"),
    [
        (["01/02/2026", "15/02/2026"], D),
        (["01/02/2026", "02/15/2026"], M),
        (["01/02/2026", "02/02/2026", "03/02/2026"], D),
        (["02/01/2026", "02/02/2026", "02/03/2026"], M),
        (["01/02/2026 10:00", "01/02/2026 11:00"], D),
        (["2026-02-01"], D),
        ([], D),
    ],
)
def test_the_order_of_dates_is_guessed(texts: list[str], order: DateOrder) -> None:
    """By a number over twelve, else by how the dates follow each other."""
    assert guess_order(texts) is order


@given(st.text(max_size=70), st.sampled_from(DateOrder))
def test_any_text_is_a_time_or_nothing(text: str, order: DateOrder) -> None:
    """No text breaks it."""
    moment = parse_moment(text, order)
    assert moment is None or 1990 <= moment.when.year <= 2100


@given(
    st.from_regex(r"[0-9]{1,4}[./-][0-9]{1,2}[./-][0-9]{1,4} [0-9]{1,2}:[0-9]{2}.{0,4}")
)
def test_near_times_do_not_break_it(text: str) -> None:
    """Nor what looks like a time."""
    parse_moment(text, DateOrder.DMY)


@given(st.datetimes(datetime(1990, 1, 1), datetime(2099, 12, 31)))
def test_what_is_written_is_read(when: datetime) -> None:
    """Both orders of writing come back."""
    when = when.replace(microsecond=0)
    for order, form in ((D, "%d.%m.%Y %H:%M:%S"), (M, "%m/%d/%Y %H:%M:%S")):
        moment = parse_moment(when.strftime(form), order)
        assert moment is not None
        assert moment.when == when
