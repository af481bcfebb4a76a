"""Rules for manifest.json, hacs.json, quality_scale.yaml and the brand images."""

from collections.abc import Iterable, Mapping
import json
from pathlib import Path
import re
from typing import Any, Final

from awesomeversion import AwesomeVersion, AwesomeVersionStrategy
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import homeassistant

_GENERATED: Final = Path(homeassistant.__file__).parent / "generated"

_REQUIRED: Final = {
    "codeowners",
    "config_flow",
    "dependencies",
    "documentation",
    "domain",
    "integration_type",
    "iot_class",
    "issue_tracker",
    "name",
    "requirements",
    "version",
}
_INTEGRATION_TYPES: Final = {"device", "helper", "hub", "service"}
_IOT_CLASSES: Final = {
    "assumed_state",
    "calculated",
    "cloud_polling",
    "cloud_push",
    "local_polling",
    "local_push",
}
# What the Marketplace accepts; the loader would let more pass.
_VERSION_STRATEGIES: Final = {
    AwesomeVersionStrategy.BUILDVER,
    AwesomeVersionStrategy.CALVER,
    AwesomeVersionStrategy.PEP440,
    AwesomeVersionStrategy.SEMVER,
    AwesomeVersionStrategy.SIMPLEVER,
}
DISCOVERY: Final = ("bluetooth", "dhcp", "homekit", "mqtt", "ssdp", "usb", "zeroconf")

_HACS_KEYS: Final = {
    "content_in_root",
    "country",
    "filename",
    "hacs",
    "hide_default_branch",
    "homeassistant",
    "name",
    "persistent_directory",
    "render_readme",
    "zip_release",
}

QUALITY_RULES: Final = frozenset(
    {
        # Bronze
        "action-setup",
        "appropriate-polling",
        "brands",
        "common-modules",
        "config-flow",
        "config-flow-test-coverage",
        "dependency-transparency",
        "docs-actions",
        "docs-conditions",
        "docs-high-level-description",
        "docs-installation-instructions",
        "docs-removal-instructions",
        "docs-triggers",
        "entity-event-setup",
        "entity-unique-id",
        "has-entity-name",
        "runtime-data",
        "test-before-configure",
        "test-before-setup",
        "unique-config-entry",
        # Silver
        "action-exceptions",
        "config-entry-unloading",
        "docs-configuration-parameters",
        "docs-installation-parameters",
        "entity-unavailable",
        "integration-owner",
        "log-when-unavailable",
        "parallel-updates",
        "reauthentication-flow",
        "test-coverage",
        # Gold
        "devices",
        "diagnostics",
        "discovery",
        "discovery-update-info",
        "docs-data-update",
        "docs-examples",
        "docs-known-limitations",
        "docs-supported-devices",
        "docs-supported-functions",
        "docs-troubleshooting",
        "docs-use-cases",
        "dynamic-devices",
        "entity-category",
        "entity-device-class",
        "entity-disabled-by-default",
        "entity-translations",
        "exception-translations",
        "icon-translations",
        "reconfiguration-flow",
        "repair-issues",
        "stale-devices",
        # Platinum
        "async-dependency",
        "inject-websession",
        "strict-typing",
    }
)


def manifest_problems(manifest: Mapping[str, Any], folder: str) -> list[str]:
    """Return what is wrong with a manifest that lies in `folder`."""
    keys = list(manifest)
    problems = [f"{key} is missing" for key in sorted(_REQUIRED - set(keys))]
    if keys != ["domain", "name", *sorted(set(keys) - {"domain", "name"})]:
        problems.append("keys are not in order: domain, name, then alphabetical")
    if manifest.get("domain") != folder:
        problems.append(f"domain is not the folder name {folder}")
    if not _is_version(manifest.get("version", ""), _VERSION_STRATEGIES):
        problems.append("version cannot be read")
    if not str(manifest.get("documentation", "")).startswith("https://"):
        problems.append("documentation is not an https address")
    if manifest.get("integration_type") not in _INTEGRATION_TYPES:
        problems.append("integration_type is unknown")
    if manifest.get("iot_class") not in _IOT_CLASSES:
        problems.append("iot_class is unknown")
    if any(not owner.startswith("@") for owner in manifest.get("codeowners", [])):
        problems.append("a code owner does not start with @")
    for key, known in (
        ("categories", _slugs("integration_categories.json")),
        ("connectivity", _slugs("integration_connectivity.json")),
    ):
        problems += [
            f"{key}: {slug} is unknown"
            for slug in manifest.get(key, [])
            if slug not in known
        ]
    return problems + _matcher_problems(manifest)


def dependency_problems(manifest: Mapping[str, Any]) -> list[str]:
    """Return the declared dependencies that Home Assistant does not have."""
    components = Path(homeassistant.__file__).parent / "components"
    return [
        f"{key}: Home Assistant has no integration {name}"
        for key in ("dependencies", "after_dependencies")
        for name in manifest.get(key, [])
        if not (components / name / "manifest.json").is_file()
    ]


def requirement_problems(
    manifest: Mapping[str, Any], pins: Mapping[str, str]
) -> list[str]:
    """Return the requirements that can never be installed beside `pins`."""
    problems = []
    for text in manifest.get("requirements", []):
        requirement = Requirement(text)
        pin = pins.get(canonicalize_name(requirement.name))
        if pin and not requirement.specifier.contains(pin, prereleases=True):
            problems.append(f"{text} contradicts Home Assistant's {pin}")
    return problems


def discovery_problems(manifest: Mapping[str, Any], steps: Iterable[str]) -> list[str]:
    """Return the kinds of discovery that no step of the config flow handles."""
    return [
        f"{kind} is announced, but the config flow has no async_step_{kind}"
        for kind in DISCOVERY
        if kind in manifest and f"async_step_{kind}" not in set(steps)
    ]


def hacs_problems(hacs: Mapping[str, Any]) -> list[str]:
    """Return what is wrong with hacs.json."""
    problems = [f"{key} is not allowed" for key in hacs if key not in _HACS_KEYS]
    if not hacs.get("name"):
        problems.append("name is missing")
    if hacs.get("zip_release") and not hacs.get("filename"):
        problems.append("zip_release needs a filename")
    if not _is_version(
        hacs.get("homeassistant", "2026.10.0"), {AwesomeVersionStrategy.CALVER}
    ):
        problems.append("homeassistant is not a version of Home Assistant")
    return problems


def quality_scale_problems(scale: Mapping[str, Any]) -> list[str]:
    """Return what is wrong with quality_scale.yaml."""
    rules = scale.get("rules", {})
    problems = [f"{rule} is unknown" for rule in rules if rule not in QUALITY_RULES]
    problems += [f"{rule} is missing" for rule in sorted(QUALITY_RULES - set(rules))]
    for rule, value in rules.items():
        status = value.get("status") if isinstance(value, dict) else value
        if status not in {"done", "exempt", "todo"}:
            problems.append(f"{rule} has the unknown status {status}")
        if status == "exempt" and not (
            isinstance(value, dict) and value.get("comment")
        ):
            problems.append(f"{rule} is exempt without a comment")
    return problems


def png_size(data: bytes) -> tuple[int, int]:
    """Return width and height of a PNG file, in pixels.

    Raises:
        ValueError: The data is not a PNG file.
    """
    if data[:8] != b"\x89PNG\r\n\x1a\n" or data[12:16] != b"IHDR":
        raise ValueError("not a PNG file")
    return int.from_bytes(data[16:20]), int.from_bytes(data[20:24])


def _is_version(text: str, strategies: set[AwesomeVersionStrategy]) -> bool:
    return AwesomeVersion(text).strategy in strategies


def _slugs(file: str) -> set[str]:
    slugs = set()
    for item in json.loads((_GENERATED / file).read_text(encoding="utf-8")):
        slugs.add(item["slug"])
        for part in item.get("subcategories", []):
            slugs.add(f"{item['slug']}.{part['slug']}")
    return slugs


def _matcher_problems(manifest: Mapping[str, Any]) -> list[str]:
    problems = []
    if not manifest.get("config_flow") and any(key in manifest for key in DISCOVERY):
        problems.append("discovery needs a config flow")
    for matcher in manifest.get("dhcp", []):
        address, hostname = matcher.get("macaddress"), matcher.get("hostname", "")
        if address is not None and not re.fullmatch(r"[0-9A-F]{6,12}\*?", address):
            problems.append(f"dhcp: {address} is not an upper case address prefix")
        if hostname != hostname.lower():
            problems.append(f"dhcp: {hostname} is not lower case")
    for matcher in manifest.get("zeroconf", []):
        kind = matcher if isinstance(matcher, str) else matcher.get("type", "")
        if not re.fullmatch(r"_[\w-]+\._(tcp|udp)\.local\.", kind):
            problems.append(f"zeroconf: {kind} is not a service type")
        if isinstance(matcher, dict):
            problems += [
                f"zeroconf: {value} is not lower case"
                for value in (
                    matcher.get("name", ""),
                    *matcher.get("properties", {}).values(),
                )
                if value != value.lower()
            ]
    return problems
