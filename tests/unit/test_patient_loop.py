"""The clock of the tests' own event loop."""

import asyncio
import time


def _stand_still() -> None:
    time.sleep(0.5)


async def test_a_stopped_process_loses_no_time() -> None:
    """While nothing runs no timeout runs out, and waiting takes as long as asked for."""
    loop = asyncio.get_running_loop()
    before = loop.time()
    _stand_still()
    stopped = loop.time()
    assert stopped - before < 0.1
    async with asyncio.timeout(0.4):
        await asyncio.sleep(0.0)
        _stand_still()
        await asyncio.sleep(0.2)
    assert loop.time() - stopped > 0.2
