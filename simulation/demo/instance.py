"""A Home Assistant instance in a folder of its own, on the loopback address."""

from dataclasses import dataclass
from datetime import UTC, datetime
import json
from pathlib import Path
import shutil
import sys
from typing import Final

from ..site import Site
from .process import Program

_INTEGRATION: Final = Path(__file__).parents[2] / "custom_components" / "pv_family"
_YAML: Final = """\
homeassistant:
  name: Demo home
  latitude: {latitude}
  longitude: {longitude}
  elevation: {elevation}
  unit_system: metric
  currency: EUR
  country: RO
  time_zone: {time_zone}
{components}
"""
_COMPONENTS: Final = (
    "config",
    "energy",
    "frontend",
    "history",
    "logbook",
    "recorder",
    "system_health",
)


@dataclass(frozen=True, slots=True)
class Instance:
    """Where an instance lives and how it is reached.

    Attributes:
        folder: Its configuration folder.
        port: Its port on 127.0.0.1.
    """

    folder: Path
    port: int

    @property
    def url(self) -> str:
        """Return the address of its page."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> Path:
        """Return the file with everything it says."""
        return self.folder / "output.log"

    def prepare(self, site: Site, *, integration: bool = True) -> None:
        """Make a new, empty configuration folder.

        Args:
            site: Where the home stands.
            integration: Whether to install the integration.
        """
        shutil.rmtree(self.folder, ignore_errors=True)
        storage = self.folder / ".storage"
        storage.mkdir(parents=True)
        (self.folder / "configuration.yaml").write_text(
            _YAML.format(
                latitude=site.latitude,
                longitude=site.longitude,
                elevation=site.elevation,
                time_zone=time_zone(site.longitude),
                components="".join(f"{name}:\n" for name in _COMPONENTS),
            )
        )
        # From YAML Home Assistant 2026.11 takes `http:` on trial, and ends itself
        # after five minutes.
        (storage / "http").write_text(json.dumps(_http_store(self.port)))
        if integration:
            components = self.folder / "custom_components"
            components.mkdir()
            (components / "pv_family").symlink_to(_INTEGRATION)

    def program(self) -> Program:
        """Return the Home Assistant process for the folder."""
        return Program(
            "Home Assistant",
            [
                sys.executable,
                "-m",
                "homeassistant",
                "--config",
                str(self.folder),
                "--skip-pip",
            ],
            self.log,
        )


def time_zone(longitude: float) -> str:
    """Return the nautical time zone at a longitude; its sign is reversed by POSIX."""
    hours = round(longitude / 15)
    return f"Etc/GMT{-hours:+d}" if hours else "Etc/GMT"


def _http_store(port: int) -> dict[str, object]:
    return {
        "version": 3,
        "minor_version": 1,
        "key": "http",
        "data": {
            "stable": {
                "server_port": port,
                "server_host": ["127.0.0.1"],
                "cors_allowed_origins": [],
                "login_attempts_threshold": -1,
                "ip_ban_enabled": True,
                "ssl_profile": "intermediate_v6",
                "use_x_frame_options": True,
                "created_at": datetime.now(UTC).isoformat(),
                "error": None,
                "error_message": None,
            },
            "pending": None,
            "yaml_migration_done": True,
        },
    }
