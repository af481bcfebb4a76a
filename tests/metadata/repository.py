"""Rules for lock files, pyproject.toml and everything that is under version control."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
import re
import subprocess
from typing import Any, Final

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

# Written in two halves, so that this file passes its own check.
_REGISTRIES: Final = (
    "pypi" + ".org",
    "python" + "hosted.org",
    "registry.npm" + "js.org",
    "registry.yarn" + "pkg.com",
    "proxy.golang" + ".org",
    "static.crates" + ".io",
)
_MACHINE_PATH: Final = re.compile(
    r"(?<![\w.*})\]-])/(?:"
    + "|".join(
        ("wo" + "rk", "ro" + "ot", "tm" + "p", r"ho" + r"me/\w+", r"Us" + r"ers/\w+")
    )
    + r")/"
)
# Packages that stand on a floor below Home Assistant, as the architecture names them.
FLOORS: Final = (
    "alerts",
    "community",
    "control",
    "devices",
    "lifecycle",
    "market",
    "plant",
    "readings",
)
_PYTHON_FOLDERS: Final = ("benchmarks", "custom_components", "simulation", "tests")
_LOCKED: Final = re.compile(
    r"(?P<name>[A-Za-z0-9._-]+)(?:\[[\w,.-]+\])?==(?P<version>[^\s;]+)"
    r"(?:\s*;[^\\]*?)?(?:\s+--hash=sha256:[0-9a-f]{64})+"
)


def lock_problems(lock: str) -> list[str]:
    """Return the lines of a lock file that are not a version with its hashes."""
    problems = [f"{line} names a host" for line in lock.splitlines() if "://" in line]
    return problems + [
        f"{line.split()[0]} is not one version with hashes"
        for line in _logical_lines(lock)
        if not _LOCKED.fullmatch(line)
    ]


def pins(text: str) -> dict[str, str]:
    """Return the versions that a lock or constraints file fixes, by package."""
    found: dict[str, str] = {}
    for line in _logical_lines(text):
        requirement = Requirement(line.split(" --hash", 1)[0])
        for specifier in requirement.specifier:
            if specifier.operator == "==" and not specifier.version.endswith(".*"):
                found[canonicalize_name(requirement.name)] = specifier.version
    return found


def constraint_problems(locked: Mapping[str, str], constraints: str) -> list[str]:
    """Return the locked versions that the constraints forbid."""
    problems = []
    for line in _logical_lines(constraints):
        requirement = Requirement(line)
        version = locked.get(canonicalize_name(requirement.name))
        if requirement.marker and not requirement.marker.evaluate():
            continue
        if version and not requirement.specifier.contains(version, prereleases=True):
            problems.append(f"{requirement.name} {version} is locked, {line} is wanted")
    return problems


def version_controlled(root: Path) -> list[Path]:
    """Return the files that git holds or would hold, relative to `root`."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=root,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    paths = (Path(name) for name in listed.split("\0") if name)
    return sorted(path for path in paths if (root / path).is_file())


def leak_problems(text: str, root: Path) -> list[str]:
    """Return the registry hosts and the paths of one machine in a text."""
    return [
        f"line {number} contains {found}"
        for number, line in enumerate(text.splitlines(), 1)
        for found in _leaks(line, str(root))
    ]


def project_problems(project: Mapping[str, Any], folders: Iterable[Path]) -> list[str]:
    """Return the folders with Python that mypy or import-linter does not know of."""
    tool = project["tool"]
    contracts = tool["importlinter"]["contracts"]
    below_the_line = {
        module
        for contract in contracts
        if contract["type"] == "forbidden"
        and "homeassistant" in contract["forbidden_modules"]
        for module in contract["source_modules"]
    }
    layers = {
        layer.strip(" ()")
        for contract in contracts
        if contract["type"] == "layers"
        for row in contract["layers"]
        for layer in re.split(r"[|:]", row)
    }
    problems = []
    for folder in folders:
        if folder.name in _PYTHON_FOLDERS and folder.name not in tool["mypy"]["files"]:
            problems.append(f"mypy does not check {folder.name}")
        if folder.name not in FLOORS:
            continue
        if f"custom_components.pv_family.{folder.name}" not in below_the_line:
            problems.append(f"{folder.name} may import Home Assistant")
        if folder.name not in layers:
            problems.append(f"{folder.name} has no place among the layers")
    return problems


def _logical_lines(text: str) -> Iterator[str]:
    joined = re.sub(r"\\\n\s*", " ", text)
    for line in joined.splitlines():
        bare = re.sub(r"(^|\s)#.*", "", line).strip()
        if bare:
            yield re.sub(r"\s+", " ", bare)


def _leaks(line: str, root: str) -> Iterator[str]:
    for host in _REGISTRIES:
        if host in line:
            yield host
    if root in line:
        yield root
    elif found := _MACHINE_PATH.search(line):
        yield found.group()
