"""The register maps of vendors: ours, and what the user dropped into a folder."""

from pathlib import Path
from typing import Final

from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir

from .const import DOMAIN
from .devices.modbus_maps.catalogue import with_own
from .devices.modbus_maps.schema import Family
from .devices.modbus_maps.user_maps import UserMaps, load_user_maps

FOLDER: Final = "pv_family_maps"
_ISSUE: Final = "map_refused_"


async def async_register_maps(hass: HomeAssistant) -> dict[str, Family]:
    """Return every map by its key, and report the files that cannot be used."""
    folder = Path(hass.config.path(FOLDER))
    own, families = await hass.async_add_executor_job(_load, folder)
    refused = {f"{_ISSUE}{found.file}": found for found in own.refused}
    for known in list(ir.async_get(hass).issues):
        if known[0] == DOMAIN and known[1].startswith(_ISSUE):
            if known[1] not in refused:
                ir.async_delete_issue(hass, DOMAIN, known[1])
    for issue_id, found in refused.items():
        ir.async_create_issue(
            hass,
            DOMAIN,
            issue_id,
            is_fixable=False,
            severity=ir.IssueSeverity.WARNING,
            translation_key="map_refused",
            translation_placeholders={
                "file": f"{FOLDER}/{found.file}",
                "line": str(found.line),
                "reason": found.reason,
            },
        )
    return families


def _load(folder: Path) -> tuple[UserMaps, dict[str, Family]]:
    own = load_user_maps(folder)
    return own, {family.key: family for family in with_own(own.families)}
