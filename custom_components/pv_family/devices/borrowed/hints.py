"""What the name of an entity suggests that it measures: a hint, never a proof."""

import re
from typing import Final
import unicodedata

from ...readings.power_flow import Role

# English, Romanian, Italian, German; without accents.
_WORDS: Final[tuple[tuple[Role, str], ...]] = (
    (Role.BATTERY, r"batter\w*|baterie\w*|acumulator\w*|akku\w*|ess|powerwall\w*"),
    (
        Role.CONSUMPTION,
        r"load|loads|house|home|casa|consum\w*|consumption|verbrauch\w*|hausverbrauch",
    ),
    (
        Role.GENERATION,
        r"pv\d*|solar\w*|fotovolt\w*|photovolt\w*|produ[ck]\w*|produz\w*|erzeug\w*|"
        r"inverter\w*|invertor\w*|wechselrichter\w*|envoy|panel\w*|panou\w*",
    ),
    (
        Role.GRID,
        r"grid|mains|retea\w*|rete|netz\w*|import\w*|export\w*|feed\w*|utility|meter|"
        r"contor\w*|contatore|bezug|einspeisung",
    ),
)
_PATTERNS: Final = tuple(
    (role, re.compile(rf"(?<![a-z])(?:{words})(?![a-z])")) for role, words in _WORDS
)
# Names of entities that measure one appliance or one string, not the home.
_PARTIAL: Final = re.compile(
    r"(?<![a-z])(?:heat ?pump|pompa|boiler|wallbox|car|ev|plug|socket|priza|presa|"
    r"string|mppt\d*|phase|faza|fase|l[123]|washing|oven|fridge)(?![a-z])"
)


def likely_role(name: str) -> Role | None:
    """Return the one role that a name suggests, ``None`` for none or several.

    Args:
        name: The name of an entity, or its entity id.
    """
    plain = unicodedata.normalize("NFKD", name.casefold())
    plain = "".join(c for c in plain if not unicodedata.combining(c))
    plain = re.sub(r"[._\-/]+", " ", plain)
    if _PARTIAL.search(plain):
        return None
    found = [role for role, pattern in _PATTERNS if pattern.search(plain)]
    if Role.BATTERY in found:
        return Role.BATTERY
    # Other names of the four meet often: a solar inverter has a grid and a load.
    others = [role for role in found if role is not Role.GENERATION]
    if len(others) == 1:
        return others[0]
    return found[0] if len(found) == 1 else None
