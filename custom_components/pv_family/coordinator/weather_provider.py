"""Open-Meteo: asked at its pace, kept on disk, archived with the time of issue."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from homeassistant.core import HomeAssistant
from homeassistant.helpers.storage import STORAGE_DIR
from homeassistant.util.file import WriteError, write_utf8_file_atomic

from ..const import DOMAIN, LOGGER
from ..plant.model.plant import Site
from ..plant.open_meteo.answer import ForecastAnswer, parse_forecast
from ..plant.open_meteo.pace import next_ask
from ..plant.open_meteo.request import forecast_request, past_request
from ..plant.weather import Offer
from ..plant.weather_archive import WeatherArchive
from ..plant.web import (
    Fetch,
    LastGood,
    WebAnswer,
    WebAnswerError,
    WebError,
    WebRefusedError,
    ask,
)
from .outlook_state import Trouble

_DAYS: Final = 4
# As long as the books wait for a counter: a night of silence may begin the day before.
_PAST_DAYS: Final = 2
_CHUNK: Final = timedelta(days=90)


class WeatherProvider:
    """The weather service of one home."""

    def __init__(
        self, hass: HomeAssistant, entry_id: str, site: Site, fetch: Fetch
    ) -> None:
        """Know nothing yet; `async_restore` brings back the last answer."""
        self._hass = hass
        self._site = site
        self._fetch = fetch
        self._state: LastGood[ForecastAnswer] = LastGood()
        self._asked: datetime | None = None
        self._warned = False
        self._file = cache_file(hass, entry_id)
        self.archive = WeatherArchive(archive_folder(hass, entry_id))

    @property
    def offer(self) -> Offer | None:
        """The last answer."""
        state = self._state
        if state.value is None or state.taken is None:
            return None
        return Offer(state.taken, state.value.weather)

    @property
    def trouble(self) -> Trouble | None:
        """Why there is no newer one."""
        state = self._state
        if state.failure is None or state.failing_since is None:
            return None
        return Trouble(reason=state.failure, since=state.failing_since)

    async def async_restore(self) -> None:
        """Take up the last answer; what cannot be read is left behind."""
        self._state = await self._hass.async_add_executor_job(self._read)

    def due(self, now: datetime) -> bool:
        """Tell whether it is time to ask."""
        if self._asked is None:
            # What the last run got a moment ago is not asked for again.
            last = self._state.taken
            return last is None or now >= next_ask(self._state, last)
        return now >= next_ask(self._state, self._asked)

    async def async_ask(self, now: datetime) -> None:
        """Ask, and keep what comes."""
        self._asked = now
        request = forecast_request(
            self._site.latitude,
            self._site.longitude,
            forecast_days=_DAYS,
            past_days=_PAST_DAYS,
        )
        bodies: list[bytes] = []

        def parse(answer: WebAnswer) -> WebAnswer:
            bodies.append(answer.body)
            return answer

        try:
            answer = await ask(self._fetch, request, parse)
            found = await self._hass.async_add_executor_job(parse_forecast, answer)
        except WebError as err:
            self._state = self._state.failed(now, err)
            if not self._warned:
                self._warned = True
                LOGGER.info("No new weather forecast: %s", err)
            return
        self._warned = False
        self._state = self._state.succeeded(now, found)
        await self._hass.async_add_executor_job(self._write, now, bodies[0], found)

    async def async_past(self, first: datetime, last: datetime) -> list[Offer]:
        """Return what was forecast for past days, as far as it can be had.

        The archive of this home goes before what the service says today.

        Args:
            first: Start (UTC).
            last: End (UTC).
        """
        offers: list[Offer] = []
        start = first
        while start < last:
            end = min(start + _CHUNK, last)
            request = past_request(
                self._site.latitude, self._site.longitude, start.date(), end.date()
            )
            try:
                answer = await ask(self._fetch, request, lambda answer: answer)
                found = await self._hass.async_add_executor_job(parse_forecast, answer)
                offers.append(Offer(start, found.weather))
            except (WebRefusedError, WebAnswerError) as err:
                # What is too old for the service says nothing about what follows.
                LOGGER.info("No past weather forecasts of %s: %s", start.date(), err)
            except WebError as err:
                LOGGER.info("No past weather forecasts: %s", err)
                break
            start = end
        return offers + await self._hass.async_add_executor_job(
            self.archive.read, first, last
        )

    def _read(self) -> LastGood[ForecastAnswer]:
        try:
            stamp, _, body = self._file.read_text("utf-8").partition("\n")
            taken = datetime.fromtimestamp(float(stamp), UTC)
            answer = parse_forecast(WebAnswer(200, body.encode()))
        except FileNotFoundError:
            return LastGood()
        except (OSError, OverflowError, ValueError, WebError) as err:
            LOGGER.info("The stored weather cannot be read: %r", err)
            return LastGood()
        return LastGood(answer, taken)

    def _write(self, now: datetime, body: bytes, answer: ForecastAnswer) -> None:
        text = f"{now.timestamp():.0f}\n{body.decode('utf-8', 'replace')}"
        try:
            self._file.parent.mkdir(exist_ok=True)
            write_utf8_file_atomic(str(self._file), text, private=True)
            self.archive.add(Offer(now, answer.weather))
        except (OSError, WriteError) as err:
            LOGGER.info("The weather cannot be kept on disk: %r", err)


def cache_file(hass: HomeAssistant, entry_id: str) -> Path:
    """Return where the last answer is kept."""
    return Path(hass.config.path(STORAGE_DIR, f"{DOMAIN}.{entry_id}.open_meteo"))


def archive_folder(hass: HomeAssistant, entry_id: str) -> Path:
    """Return where all forecasts are kept."""
    return Path(hass.config.path(STORAGE_DIR, f"{DOMAIN}.{entry_id}.weather"))
