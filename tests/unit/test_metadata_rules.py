"""The rules for the project's own files find what is wrong in bad examples."""

from copy import deepcopy
from pathlib import Path, PurePath
from typing import Any

import pytest

from tests.metadata import manifest as manifest_rules, repository, source, texts

MANIFEST: dict[str, Any] = {
    "domain": "pv",
    "name": "PV",
    "categories": ["energy.solar_batteries"],
    "codeowners": ["@somebody"],
    "config_flow": True,
    "connectivity": ["modbus"],
    "dependencies": ["modbus"],
    "documentation": "https://example.com",
    "integration_type": "hub",
    "iot_class": "local_polling",
    "issue_tracker": "https://example.com/issues",
    "requirements": [],
    "version": "0.1.0",
}

ENGLISH: dict[str, Any] = {
    "config": {
        "abort": {"already_configured": "Already there"},
        "error": {"cannot_connect": "No answer"},
        "step": {
            "user": {
                "data": {"host": "Host"},
                "data_description": {"host": "The address of the inverter."},
                "sections": {
                    "more": {
                        "data": {"port": "Port"},
                        "data_description": {"port": "Usually 502."},
                        "name": "More",
                    }
                },
            }
        },
    },
    "device": {"battery": {"name": "Battery {number}"}},
    "entity": {
        "sensor": {"status": {"name": "Status", "state": {"off": "Off", "on": "On"}}}
    },
    "exceptions": {"silent": {"message": "No answer: {error}"}},
    "issues": {
        "gone": {"title": "Gone", "description": "It is gone."},
        "sign": {
            "title": "Doubt about {name}",
            "fix_flow": {
                "abort": {"too_late": "Too late"},
                "step": {"confirm": {"title": "Turn?", "description": "By {watts}?"}},
            },
        },
    },
    "selector": {"link": {"options": {"tcp": "TCP"}}},
}

ICONS: dict[str, Any] = {
    "entity": {
        "sensor": {"status": {"default": "mdi:sun", "state": {"off": "mdi:moon"}}}
    }
}

SCALE: dict[str, Any] = {"rules": dict.fromkeys(manifest_rules.QUALITY_RULES, "todo")}


def changed(good: dict[str, Any], path: str, value: object) -> dict[str, Any]:
    """Return a copy with the value at a dotted path replaced, or removed if None."""
    copy = deepcopy(good)
    *parents, last = path.split("/")
    block = copy
    for parent in parents:
        block = block.setdefault(parent, {})
    if value is None:
        del block[last]
    else:
        block[last] = value
    return copy


def test_good_examples_pass() -> None:
    """The examples that the other tests spoil are good before that."""
    assert manifest_rules.manifest_problems(MANIFEST, "pv") == []
    assert manifest_rules.dependency_problems(MANIFEST) == []
    assert manifest_rules.quality_scale_problems(SCALE) == []
    assert texts.translation_problems(ENGLISH) == []
    assert texts.parity_problems(ENGLISH, ENGLISH) == []
    assert texts.icon_problems(ICONS, ENGLISH) == []


@pytest.mark.parametrize(
    ("path", "value", "problem"),
    [
        ("domain", "other", "domain is not the folder name pv"),
        ("version", None, "version is missing"),
        ("version", "one", "version cannot be read"),
        (
            "documentation",
            "http://example.com",
            "documentation is not an https address",
        ),
        ("integration_type", "house", "integration_type is unknown"),
        ("iot_class", "local", "iot_class is unknown"),
        ("codeowners", ["me"], "a code owner does not start with @"),
        ("categories", ["energy.sun"], "categories: energy.sun is unknown"),
        ("connectivity", ["wire"], "connectivity: wire is unknown"),
        (
            "after_dependencies",
            [],
            "keys are not in order: domain, name, then alphabetical",
        ),
    ],
)
def test_bad_manifest(path: str, value: object, problem: str) -> None:
    """Each mistake in a manifest is found."""
    bad = changed(MANIFEST, path, value)
    assert problem in manifest_rules.manifest_problems(bad, "pv")


@pytest.mark.parametrize(
    ("extra", "problem"),
    [
        (
            {"dhcp": [{"macaddress": "0003ac*"}]},
            "dhcp: 0003ac* is not an upper case address prefix",
        ),
        ({"dhcp": [{"hostname": "SMA*"}]}, "dhcp: SMA* is not lower case"),
        ({"zeroconf": ["_sun._tcp"]}, "zeroconf: _sun._tcp is not a service type"),
        (
            {"zeroconf": [{"type": "_sun._tcp.local.", "name": "Sun*"}]},
            "zeroconf: Sun* is not lower case",
        ),
        ({"config_flow": False, "dhcp": []}, "discovery needs a config flow"),
    ],
)
def test_bad_matchers(extra: dict[str, Any], problem: str) -> None:
    """Each mistake in what a manifest discovers is found."""
    assert problem in manifest_rules.manifest_problems(MANIFEST | extra, "pv")


def test_bad_relations_of_the_manifest() -> None:
    """A manifest that asks for what does not exist is found."""
    assert manifest_rules.dependency_problems({"dependencies": ["sunshine"]}) == [
        "dependencies: Home Assistant has no integration sunshine"
    ]
    pins = {"pymodbus": "3.13.1"}
    assert manifest_rules.requirement_problems(
        {"requirements": ["pymodbus>=3.14", "pymodbus>=3.11,<4", "pvlib==1"]}, pins
    ) == ["pymodbus>=3.14 contradicts Home Assistant's 3.13.1"]
    assert manifest_rules.discovery_problems(
        {"dhcp": [], "usb": []}, ["async_step_usb"]
    ) == ["dhcp is announced, but the config flow has no async_step_dhcp"]


def test_bad_hacs() -> None:
    """Each mistake in hacs.json is found."""
    assert manifest_rules.hacs_problems(
        {"domains": [], "homeassistant": "soon", "zip_release": True}
    ) == [
        "domains is not allowed",
        "name is missing",
        "zip_release needs a filename",
        "homeassistant is not a version of Home Assistant",
    ]


@pytest.mark.parametrize(
    ("rule", "value", "problem"),
    [
        ("sunny", "done", "sunny is unknown"),
        ("brands", None, "brands is missing"),
        ("brands", "half", "brands has the unknown status half"),
        ("brands", "exempt", "brands is exempt without a comment"),
        ("brands", {"status": "exempt"}, "brands is exempt without a comment"),
    ],
)
def test_bad_quality_scale(rule: str, value: object, problem: str) -> None:
    """Each mistake in quality_scale.yaml is found."""
    bad = changed(SCALE, f"rules/{rule}", value)
    assert manifest_rules.quality_scale_problems(bad) == [problem]


def test_png_size() -> None:
    """Width and height are not mixed up, and other files are refused."""
    header = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x02\0\0\0\x01"
    assert manifest_rules.png_size(header) == (2, 1)
    with pytest.raises(ValueError, match="not a PNG file"):
        manifest_rules.png_size(b"GIF89a")


@pytest.mark.parametrize(
    ("path", "value", "problem"),
    [
        ("texts", {"a": "A"}, "texts is not a section"),
        (
            "entity/sensor/Status",
            {"name": "x"},
            "entity.sensor.Status is not a valid key",
        ),
        ("entity/sensor/_x", {"name": "x"}, "entity.sensor._x is not a valid key"),
        ("title", 1, "title is not a text"),
        ("title", "", "title is empty"),
        ("title", " PV", "title begins or ends with a blank"),
        ("title", "[%key:common::a%]", "title refers to another text"),
        ("title", "<b>PV</b>", "title contains HTML"),
        ("title", "'{name}'", "title has a placeholder in single quotes"),
        ("title", "{name", "title has braces that do not match"),
        ("issues/gone/title", None, "issues.gone has no title"),
        (
            "issues/gone/description",
            None,
            "issues.gone needs one of description and fix_flow, and only one",
        ),
        (
            "issues/sign/description",
            "Both",
            "issues.sign needs one of description and fix_flow, and only one",
        ),
        ("exceptions/silent", {}, "exceptions.silent has no message"),
        (
            "config/step/user/data/port",
            "Port",
            "config.step.user.data.port has no data_description",
        ),
        (
            "config/step/user/data_description/port",
            "Port",
            "config.step.user.data_description.port is not in data",
        ),
        (
            "config/step/user/sections/more/data/unit",
            "Unit",
            "config.step.user.sections.more.data.unit has no data_description",
        ),
        (
            "options/step/init/data/rate",
            "Rate",
            "options.step.init.data.rate has no data_description",
        ),
        (
            "config_subentries/roof/step/user/data/tilt",
            "Tilt",
            "config_subentries.roof.step.user.data.tilt has no data_description",
        ),
        (
            "issues/sign/fix_flow/step/confirm/data/sure",
            "Sure",
            "issues.sign.fix_flow.step.confirm.data.sure has no data_description",
        ),
    ],
)
def test_bad_texts(path: str, value: object, problem: str) -> None:
    """Each mistake in the texts of a language is found."""
    assert texts.translation_problems(changed(ENGLISH, path, value)) == [problem]


@pytest.mark.parametrize(
    ("path", "value", "problem"),
    [
        ("issues/gone/title", None, "issues.gone.title is missing"),
        ("title", "PV", "title is not in English"),
        (
            "exceptions/silent/message",
            "Nu răspunde: {eroare}",
            "exceptions.silent.message has other placeholders than in English",
        ),
    ],
)
def test_bad_other_language(path: str, value: object, problem: str) -> None:
    """Each way in which a language may differ from English is found."""
    bad = changed(ENGLISH, path, value)
    assert texts.parity_problems(ENGLISH, bad) == [problem]


@pytest.mark.parametrize(
    ("path", "value", "problem"),
    [
        ("sensors", {}, "sensors is not a section"),
        (
            "entity/sensor/status/default",
            "fa:sun",
            "entity.sensor.status.default is not an mdi icon",
        ),
        ("entity/sensor/status/default", None, "entity.sensor.status has no default"),
        (
            "entity/sensor/status/colour",
            "mdi:sun",
            "entity.sensor.status.colour is not allowed",
        ),
        (
            "entity/sensor/status/state/on",
            "mdi:sun",
            "entity.sensor.status.state.on repeats the default",
        ),
        (
            "entity/sensor/status/state/idle",
            "mdi:bed",
            "entity.sensor.status.state.idle is not in English",
        ),
        (
            "entity/sensor/power",
            {"default": "mdi:sun"},
            "entity.sensor.power is not in English",
        ),
        ("services/read", {"service": "mdi:eye"}, "services.read is not in English"),
    ],
)
def test_bad_icons(path: str, value: object, problem: str) -> None:
    """Each mistake in icons.json is found."""
    assert texts.icon_problems(changed(ICONS, path, value), ENGLISH) == [problem]


@pytest.mark.parametrize(
    "code",
    [
        'raise UpdateFailed(translation_key="silent", translation_placeholders={"error": e})',
        'fail(UpdateFailed(translation_key="silent", translation_placeholders=given))',
        "raise HomeAssistantError(**arguments)",
        "raise UpdateFailed(translation_key=key, translation_placeholders={})",
        'async_create_issue(translation_key="sign", translation_placeholders={"name": n})',
        'SensorEntityDescription(translation_key="status")',
        'SensorEntityDescription(translation_key=f"sta{rest}")',
        'SelectSelectorConfig(translation_key="link")',
        'DeviceInfo(translation_key="battery", translation_placeholders={"number": "1"})',
        'self._attr_translation_key = "status"',
        'flow.async_abort(reason="too_late")',
        "flow._abort_if_unique_id_configured()",
        'flow.async_show_form(step_id="user", errors={"base": "cannot_connect"})',
        'errors[CONF_HOST] = "cannot_connect"',
        'raise ValueError("not for the user")',
    ],
)
def test_good_code(code: str) -> None:
    """Code that names existing texts passes."""
    assert source.text_problems(code, ENGLISH) == []


@pytest.mark.parametrize(
    ("code", "problem"),
    [
        (
            'raise UpdateFailed("no")',
            "UpdateFailed is raised without a translation_key",
        ),
        (
            "raise HomeAssistantError",
            "HomeAssistantError is raised without a translation_key",
        ),
        ('raise exc.ConfigEntryError(translation_key="x")', "no text x in exceptions"),
        ('fail(UpdateFailed(translation_key="gone"))', "no text gone in exceptions"),
        (
            'raise UpdateFailed(translation_key="silent")',
            "exceptions.silent needs {error}",
        ),
        (
            'raise UpdateFailed(translation_key="silent", translation_placeholders={"err": e})',
            "exceptions.silent needs {error}",
        ),
        ('ir.async_create_issue(translation_key="silent")', "no text silent in issues"),
        ('ir.async_create_issue(translation_key="sign")', "issues.sign needs {name}"),
        (
            'ir.async_create_issue(translation_key=f"bad_{a}_{b}")',
            "no text bad_.+_.+ in issues",
        ),
        ('SensorEntityDescription(translation_key="link")', "no text link in entity"),
        (
            'SelectSelectorConfig(translation_key="status")',
            "no text status in selector",
        ),
        ('DeviceInfo(translation_key="status")', "no text status in device"),
        ('Other(translation_key="gone")', "no text gone in entity, device or selector"),
        ('_attr_translation_key: str = "gone"', "no text gone in entity"),
        ('flow.async_abort(reason="gone")', "no text gone in abort"),
        (
            'flow._abort_if_unique_id_mismatch(reason="other")',
            "no text other in abort",
        ),
        (
            "flow.async_update_and_abort(entry)",
            "no text reconfigure_successful in abort",
        ),
        ('flow.async_show_form(step_id="tcp")', "no text tcp in step"),
        ('flow.async_show_form(errors={"base": "gone"})', "no text gone in error"),
        ('errors["base"] = "gone" if a else "cannot_connect"', "no text gone in error"),
    ],
)
def test_bad_code(code: str, problem: str) -> None:
    """Code that names a text that does not exist is found."""
    assert source.text_problems(code, ENGLISH) == [f"line 1: {problem}"]


@pytest.mark.parametrize(
    ("code", "path", "missing"),
    [
        ("from homeassistant.components import usb", "link.py", ["usb"]),
        ("from homeassistant.components.usb.utils import x", "link.py", ["usb"]),
        ("import homeassistant.components.usb", "link.py", ["usb"]),
        ("def f():\n    from homeassistant.components import usb", "link.py", ["usb"]),
        (
            "from homeassistant.components.repairs import x",
            "flows/repairs.py",
            ["repairs"],
        ),
        ("from homeassistant.components.repairs import x", "repairs.py", []),
        ("from homeassistant.components.sensor import x", "link.py", []),
        ("from homeassistant.components.modbus import x", "link.py", []),
        ("from homeassistant.core import HomeAssistant", "link.py", []),
        ("from .components.usb import x", "link.py", []),
        (
            "if TYPE_CHECKING:\n    from homeassistant.components import usb",
            "link.py",
            [],
        ),
    ],
)
def test_imports(code: str, path: str, missing: list[str]) -> None:
    """Exactly the undeclared integrations are found."""
    problems = source.import_problems(code, PurePath(path), MANIFEST)
    assert [problem.split()[2] for problem in problems] == missing


def test_functions() -> None:
    """Methods count, whether they are coroutines or not."""
    code = "class A:\n    async def b(self): ...\ndef c(): ..."
    assert source.functions(code) == {"b", "c"}


HASH = "--hash=sha256:" + 64 * "0"


def test_good_lock() -> None:
    """A lock as the resolver writes it passes."""
    lock = f"# by a tool\na-b==1.0 \\\n    {HASH} \\\n    {HASH}\n    # via c\n"
    lock += f"d[e]==2 ; python_version < '4' \\\n    {HASH}\n"
    assert repository.lock_problems(lock) == []
    assert repository.pins(lock) == {"a-b": "1.0", "d": "2"}


@pytest.mark.parametrize(
    "line",
    [
        "a==1.0",
        f"a>=1.0 {HASH}",
        f"a @ file:a.whl {HASH}",
        f"-e . {HASH}",
        "a==1.0 --hash=sha256:0",
        f"--index-url https://example.com\na==1.0 {HASH}",
    ],
)
def test_bad_lock(line: str) -> None:
    """Each line that does not fix a package by hash is found."""
    assert repository.lock_problems(line)


def test_constraints() -> None:
    """Exactly the contradictions are found, whatever the spelling of a name."""
    locked = {"a-b": "2.0", "c": "1.5", "d": "1.0"}
    constraints = "A_B==1.0\nc>=1,<2\nd==9; python_version < '3'\nunused==1\n# e==1\n"
    assert repository.constraint_problems(locked, constraints) == [
        "A_B 2.0 is locked, A_B==1.0 is wanted"
    ]


@pytest.mark.parametrize(
    "line",
    [
        "https://" + "py" + "pi.org/simple",
        "see files.python" + "hosted.org",
        '"resolved": "https://registry.' + "npm" + 'js.org/a"',
        "cd /" + "work/project",
        'open("/' + 'tmp/x")',
        "/" + "home/somebody/x",
        "in /srv/checkout/x",
    ],
)
def test_leaks(line: str) -> None:
    """Hosts of registries and paths of one machine are found."""
    assert len(repository.leak_problems(line, Path("/srv/checkout"))) == 1


@pytest.mark.parametrize(
    "line",
    [
        "docs/" + "work/plan.md",
        "https://example.com/" + "root/x",
        "${base}/" + "tmp/x",
        "custom_components/pv_family/coordinator/" + "home/x",
        "a net" + "work/host",
    ],
)
def test_no_leak(line: str) -> None:
    """Relative paths and web addresses are no paths of a machine."""
    assert repository.leak_problems(line, Path("/srv/checkout")) == []


def test_folders() -> None:
    """A folder that a tool does not know of is found."""
    project = {
        "tool": {
            "importlinter": {
                "contracts": [
                    {
                        "type": "forbidden",
                        "source_modules": ["custom_components.pv_family.plant"],
                        "forbidden_modules": ["homeassistant"],
                    },
                    {"type": "layers", "layers": ["market | (plant)", "readings"]},
                ]
            },
            "mypy": {"files": ["tests"]},
        }
    }
    folders = [
        Path(name) for name in ("docs", "market", "plant", "simulation", "tests")
    ]
    assert repository.project_problems(project, folders) == [
        "market may import Home Assistant",
        "mypy does not check simulation",
    ]
    assert repository.project_problems(project, [Path("control")])[1:] == [
        "control has no place among the layers"
    ]
