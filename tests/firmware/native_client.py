"""Talk to a device over ESPHome's native API: run it with ESPHome's own Python.

Writes what the device says, a JSON list of name and state a line; every line that it
reads is `on` or `off` for the switch. Takes the port on 127.0.0.1.
"""

import asyncio
import json
import sys
from typing import Any

from aioesphomeapi import APIClient, SwitchInfo  # type: ignore[import-not-found]


async def _main(port: int) -> None:
    client = APIClient("127.0.0.1", port, None)
    await client.connect(login=True)
    entities, _ = await client.list_entities_services()
    names = {entity.key: entity.name for entity in entities}
    switch = next(e.key for e in entities if isinstance(e, SwitchInfo))

    def heard(state: Any) -> None:
        row = [names.get(state.key, ""), state.state]
        sys.stdout.write(json.dumps(row) + "\n")
        sys.stdout.flush()

    client.subscribe_states(heard)
    loop = asyncio.get_running_loop()
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        client.switch_command(switch, line.strip() == "on")


if __name__ == "__main__":
    asyncio.run(_main(int(sys.argv[1])))
