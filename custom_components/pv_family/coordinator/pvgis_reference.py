"""PVGIS: asked once for a roof, kept for months, and never taken for the truth."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
import json
from typing import Any, Final

from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.storage import Store
from homeassistant.util import dt as dt_util

from ..const import DOMAIN, LOGGER
from ..plant.model.horizon import Horizon
from ..plant.model.plant import Plant
from ..plant.pvgis.answer import (
    ProductionAnswer,
    parse_horizon,
    parse_monthly,
    parse_production,
    parse_series,
)
from ..plant.pvgis.climatology import climatology_of
from ..plant.pvgis.request import (
    KEEP,
    horizon_request,
    monthly_request,
    mounting_system,
    production_request,
    series_request,
)
from ..plant.pvgis.spread import day_spread
from ..plant.weather import Climatology
from ..plant.web import (
    Fetch,
    WebAnswer,
    WebAnswerError,
    WebError,
    WebRefusedError,
    WebRequest,
    ask,
)
from .outlook_state import PvgisState, Trouble

_STORE_VERSION: Final = 1
_FIRST_RETRY: Final = timedelta(minutes=10)
_LAST_RETRY: Final = timedelta(hours=12)
# What it refuses today it refuses until the roof or its data change.
_REFUSED_RETRY: Final = timedelta(days=7)

_PRODUCTION: Final = "array"
_HORIZON: Final = "horizon"
_MONTHLY: Final = "monthly"
_SERIES: Final = "series"

type Spread = tuple[tuple[float, float], ...]
type Parsed = ProductionAnswer | Horizon | Climatology | Spread


@dataclass(frozen=True, slots=True)
class _Question:
    """What is asked, and how its answer is read and kept.

    Attributes:
        kind: Which of the questions about a roof.
        request: To PVGIS.
        parse: What it answers, from the network.
        keep: What of the answer is written to disk.
        restore: The reverse.
    """

    kind: str
    request: WebRequest
    parse: Callable[[WebAnswer], Parsed]
    keep: Callable[[WebAnswer, Parsed], str]
    restore: Callable[[str], Parsed]

    @property
    def key(self) -> str:
        """Name of the answer on disk; another roof asks another question."""
        told = "&".join(f"{k}={v}" for k, v in sorted(self.request.params.items()))
        return f"{self.kind}?{told}"


@dataclass(frozen=True, slots=True)
class _Kept:
    """An answer on disk."""

    taken: datetime
    text: str


class PvgisReference:
    """What PVGIS says of one roof.

    Attributes:
        state: As far as it is known.
        climatology: The long-term means of each month.
        trouble: Why nothing new came.
    """

    def __init__(
        self, hass: HomeAssistant, entry_id: str, plant: Plant, fetch: Fetch
    ) -> None:
        """Know nothing yet; `async_restore` brings back what was answered before."""
        self.state: PvgisState | None = None
        self.climatology: Climatology | None = None
        self.trouble: Trouble | None = None
        self._hass = hass
        self._entry_id = entry_id
        self._fetch = fetch
        self._questions = _questions(plant)
        self._store = pvgis_store(hass, entry_id)
        self._kept: dict[str, _Kept] = {}
        self._parsed: dict[str, Parsed] = {}
        self._failures = 0
        self._next: datetime | None = None

    async def async_restore(self) -> None:
        """Take up what was answered before; what does not parse is asked again."""
        stored = await self._store.async_load() or {}

        def restore() -> None:
            for question in self._questions:
                if (told := stored.get(question.key)) is None:
                    continue
                try:
                    taken = datetime.fromisoformat(told["taken"])
                    kept = _Kept(dt_util.as_utc(taken), str(told["text"]))
                    self._parsed[question.kind] = question.restore(kept.text)
                except AttributeError, KeyError, TypeError, ValueError, WebError:
                    continue
                self._kept[question.kind] = kept

        await self._hass.async_add_executor_job(restore)
        self._compose()

    def due(self, now: datetime) -> bool:
        """Tell whether something is worth asking."""
        if self._next is not None and now < self._next:
            return False
        return any(self._is_due(question, now) for question in self._questions)

    def _is_due(self, question: _Question, now: datetime) -> bool:
        kept = self._kept.get(question.kind)
        return kept is None or now - kept.taken >= KEEP

    async def async_ask(self, now: datetime) -> None:
        """Ask what is not known or has grown old, up to the first failure."""
        news = False
        try:
            for question in self._questions:
                if self._is_due(question, now):
                    await self._async_ask_one(question, now)
                    news = True
        except WebError as err:
            self._fail(now, err)
        else:
            self._failures, self._next, self.trouble = 0, None, None
            ir.async_delete_issue(self._hass, DOMAIN, pvgis_issue(self._entry_id))
        self._compose()
        if news:
            await self._async_save()

    async def _async_ask_one(self, question: _Question, now: datetime) -> None:
        answer = await ask(self._fetch, question.request, lambda answer: answer)

        def read() -> tuple[Parsed, str]:
            parsed = question.parse(answer)
            return parsed, question.keep(answer, parsed)

        parsed, text = await self._hass.async_add_executor_job(read)
        self._parsed[question.kind] = parsed
        self._kept[question.kind] = _Kept(now, text)

    def _fail(self, now: datetime, err: WebError) -> None:
        refused = isinstance(err, WebRefusedError)
        if self.trouble is None:
            LOGGER.info("PVGIS says nothing: %s", err)
        since = now if self.trouble is None else self.trouble.since
        self.trouble = Trouble(reason=str(err), since=since)
        retry = _FIRST_RETRY * 2.0 ** min(self._failures, 10)
        self._failures += 1
        self._next = now + (_REFUSED_RETRY if refused else min(retry, _LAST_RETRY))
        if refused:
            ir.async_create_issue(
                self._hass,
                DOMAIN,
                pvgis_issue(self._entry_id),
                is_fixable=False,
                severity=ir.IssueSeverity.WARNING,
                translation_key="pvgis_refused",
                translation_placeholders={"reason": str(err)},
            )

    def _compose(self) -> None:
        """Put the answers together, as soon as those for all arrays are there."""
        climatology = self._parsed.get(_MONTHLY)
        if isinstance(climatology, Climatology):
            self.climatology = climatology
        arrays = [
            self._parsed.get(question.kind)
            for question in self._questions
            if question.kind.startswith(_PRODUCTION)
        ]
        found = [answer for answer in arrays if isinstance(answer, ProductionAnswer)]
        if not found or len(found) < len(arrays):
            return
        horizon = self._parsed.get(_HORIZON)
        spread = self._parsed.get(_SERIES)
        self.state = PvgisState(
            months=tuple(
                sum(answer.months[month].energy for answer in found)
                for month in range(12)
            ),
            # Neighbours share their weather: the deviations add up.
            months_std=tuple(
                sum(answer.months[month].energy_std for answer in found)
                for month in range(12)
            ),
            year_std=sum(answer.energy_std for answer in found),
            database=found[0].origin.radiation_db,
            horizon=horizon if isinstance(horizon, Horizon) else None,
            day_spread=spread if isinstance(spread, tuple) else None,
            taken=min(kept.taken for kept in self._kept.values()),
        )

    async def _async_save(self) -> None:
        await self._store.async_save(
            {
                question.key: {"taken": kept.taken.isoformat(), "text": kept.text}
                for question in self._questions
                if (kept := self._kept.get(question.kind)) is not None
            }
        )


def pvgis_issue(entry_id: str) -> str:
    """Return the name of the repair that tells why PVGIS refuses a roof."""
    return f"pvgis_refused_{entry_id}"


def pvgis_store(hass: HomeAssistant, entry_id: str) -> Store[dict[str, Any]]:
    """Return where a home keeps what PVGIS said."""
    return Store(hass, _STORE_VERSION, f"{DOMAIN}.{entry_id}.pvgis", atomic_writes=True)


def _questions(plant: Plant) -> list[_Question]:
    site = plant.site
    place = (site.latitude, site.longitude)
    asked: list[_Question] = [
        _whole_answer(_HORIZON, horizon_request(*place), parse_horizon),
        _whole_answer(_MONTHLY, monthly_request(*place), _climatology),
    ]
    asked += [
        _whole_answer(_array(number), request, parse_production)
        for number, request in enumerate(_production_requests(plant))
    ]
    series = series_request(*place, surface_tilt=0.0, surface_azimuth=180.0)
    # A year of hours is a megabyte; the spread of its days is a line.
    asked.append(
        _Question(
            _SERIES,
            series,
            lambda answer: _spread(day_spread(parse_series(answer))),
            lambda _, parsed: json.dumps(parsed),
            lambda text: _spread(json.loads(text)),
        )
    )
    return asked


def _whole_answer(
    kind: str, request: WebRequest, parse: Callable[[WebAnswer], Parsed]
) -> _Question:
    return _Question(
        kind,
        request,
        parse,
        lambda answer, _: answer.body.decode("utf-8", "replace"),
        lambda text: parse(WebAnswer(200, text.encode())),
    )


def _array(number: int) -> str:
    return f"{_PRODUCTION}_{number}"


def _production_requests(plant: Plant) -> list[WebRequest]:
    """Return what is asked of each array.

    Nothing at all if PVGIS does not know how one of them turns: the rest is no
    reference for the home's production.
    """
    site = plant.site
    requests = []
    for array in (array for chain in plant.chains for array in chain.arrays):
        if (system := mounting_system(array.mount, site.latitude)) is None:
            return []
        requests.append(
            production_request(
                site.latitude,
                site.longitude,
                peak_power=array.peak_power,
                system=system,
                technology=array.module.technology,
                mounting=array.mounting,
            )
        )
    return requests


def _climatology(answer: WebAnswer) -> Climatology:
    try:
        return climatology_of(parse_monthly(answer))
    except ValueError as err:
        raise WebAnswerError(f"PVGIS: {err}") from err


def _spread(pairs: Iterable[Iterable[float]]) -> Spread:
    """Return twelve pairs.

    Raises:
        ValueError: They are not.
    """
    spread = tuple((float(low), float(high)) for low, high in pairs)
    if len(spread) != 12:
        raise ValueError("not twelve months")
    return spread
