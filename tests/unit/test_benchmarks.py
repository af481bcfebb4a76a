"""The benchmarks: what they count, not what they time."""

import pytest

from benchmarks.poll import measure

pytestmark = pytest.mark.usefixtures("loopback")


async def test_requests_of_a_poll() -> None:
    """A poll takes hardly more requests than it must, and far fewer than the hub."""
    least, costs = await measure(polls=2, pause=0.0, warm_up=1)

    assert len({cost.values for cost in costs.values()}) == 1
    for name in ("pv_family", "pv_family in Home Assistant"):
        assert costs[name].requests <= 1.2 * least
        assert costs[name].requests <= costs["YAML `modbus` hub"].requests / 5
