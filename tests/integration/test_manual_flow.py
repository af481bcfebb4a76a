"""The flow that imports a log: upload, preview, correction, confirmation."""

from typing import Any

from aiohttp import FormData
from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.pv_family.config_flow import PvFamilyConfigFlow
from custom_components.pv_family.flows.import_log import ImportLogFlow
from homeassistant.components.recorder import Recorder
from homeassistant.config_entries import ConfigFlowResult
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.setup import async_setup_component

from .history import PastHome, at

FILE = (
    "Time;Load (kWh);PV (kWh)\n"
    "15.06.2026 07:00;9;0,5\n15.06.2026 08:00;8;0,7\n15.06.2026 08:59;7;x`</script>\n"
)


@pytest.fixture(autouse=True)
def auto_enable_custom_integrations(
    recorder_mock: Recorder, enable_custom_integrations: None
) -> None:
    """Start the recorder before Home Assistant, and load our integration."""


class OnlyImport(ImportLogFlow):
    """The import alone, without the menu that leads to it."""

    async def async_step_init(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Go to its first step."""
        return await self.async_step_import_log(user_input)


@pytest.fixture
async def home(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    monkeypatch: pytest.MonkeyPatch,
    loopback: None,
) -> PastHome:
    """Return a home with an hour behind it."""
    monkeypatch.setattr(
        PvFamilyConfigFlow,
        "async_get_options_flow",
        staticmethod(lambda entry: OnlyImport()),
    )
    assert await async_setup_component(hass, "http", {"http": {}})
    assert await async_setup_component(hass, "file_upload", {})
    home = PastHome(hass, freezer)
    await home.start()
    home.show()
    await home.run(1200)
    return home


async def upload(client_of: ClientSessionGenerator, content: bytes) -> str:
    """Upload a file as the browser does and return its id."""
    client = await client_of()
    form = FormData()
    form.add_field("file", content, filename="portal.csv")
    response = await client.post("/api/file_upload", data=form)
    assert response.status == 200
    return str((await response.json())["file_id"])


async def step(home: PastHome, flow_id: str, answers: Any) -> ConfigFlowResult:
    """Answer a form."""
    return await home.hass.config_entries.options.async_configure(flow_id, answers)


async def test_a_log_is_seen_corrected_and_imported(
    home: PastHome, hass_client: ClientSessionGenerator
) -> None:
    """What is shown is what comes; nothing is written before it is confirmed."""
    options = home.hass.config_entries.options
    form = await options.async_init(home.entry.entry_id)
    assert form["step_id"] == "import_log"
    file_id = await upload(hass_client, FILE.encode())
    form = await step(home, form["flow_id"], {"file": file_id})
    assert form["step_id"] == "import_preview"
    shown = form["description_placeholders"]
    assert shown is not None
    assert (shown["energy"], shown["hours"], shown["refused"]) == ("1.2", "2", "1")
    assert shown["first"] == "2026-06-15 07:00"
    assert "wh: 0.0 kWh, kwh: 1.2 kWh, mwh: 1200.0 kWh" in shown["totals"]
    assert "4: no_value" in shown["problems"]
    assert "x'</script>" in shown["problems"]
    schema = form["data_schema"]
    assert schema is not None
    answers = {str(key): key.description["suggested_value"] for key in schema.schema}
    assert answers["column"] == "PV (kWh)"
    assert await home.changes() == [1200]

    form = await step(home, form["flow_id"], {**answers, "time_zone": "Mars/Base"})
    assert form["errors"] == {"base": "log_unknown_time_zone"}
    form = await step(home, form["flow_id"], {**answers, "column": "Load (kWh)"})
    shown = form["description_placeholders"]
    assert shown is not None
    assert shown["energy"] == "24.0"
    form = await step(home, form["flow_id"], answers)
    form = await step(home, form["flow_id"], {**answers, "unit": "mwh"})
    shown = form["description_placeholders"]
    assert shown is not None
    assert shown["energy"] == "1200.0"
    form = await step(home, form["flow_id"], answers)
    assert form["type"] is FlowResultType.FORM
    assert await home.changes() == [1200]
    done = await step(home, form["flow_id"], answers)
    assert done["type"] is FlowResultType.ABORT
    assert done["reason"] == "log_imported"
    assert await home.changes() == [500, 700, 1200]

    form = await options.async_init(home.entry.entry_id)
    file_id = await upload(hass_client, FILE.encode())
    form = await step(home, form["flow_id"], {"file": file_id})
    done = await step(home, form["flow_id"], answers)
    assert done["reason"] == "log_known"
    assert await home.changes() == [500, 700, 1200]
    await home.run(1200)
    assert await home.changes() == [500, 700, 1200, 1200]
    assert at(0) in await home.rows()


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (b"", "log_empty"),
        (b"\x00\x01\x02", "log_no_time"),
        (b"Time;kWh\nnever;1\n", "log_no_time"),
        (b"x" * 10_000_001, "log_too_large"),
    ],
)
async def test_a_file_that_cannot_be_read(
    home: PastHome, hass_client: ClientSessionGenerator, content: bytes, error: str
) -> None:
    """It is said so, and another one may be given."""
    form = await home.hass.config_entries.options.async_init(home.entry.entry_id)
    file_id = await upload(hass_client, content)
    form = await step(home, form["flow_id"], {"file": file_id})
    assert form["errors"] == {"file": error}
    form = await step(home, form["flow_id"], {"file": file_id})
    assert form["errors"] == {"file": "log_unreadable"}
    file_id = await upload(hass_client, FILE.encode())
    form = await step(home, form["flow_id"], {"file": file_id})
    assert form["step_id"] == "import_preview"
