"""Questions to the recorder's database, which may end before those who ask."""

from collections.abc import Callable
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.recorder import get_instance

from .const import DOMAIN


class RecorderEndedError(HomeAssistantError):
    """The recorder answers no more: Home Assistant stops, or its database is gone."""


async def async_recorded[T](
    hass: HomeAssistant, job: Callable[..., T], *args: Any
) -> T:
    """Return what a job finds in the recorder's database.

    Args:
        hass: Home Assistant, whose recorder was loaded.
        job: Runs in the recorder's executor.
        args: Of the job.

    Raises:
        RecorderEndedError: The recorder has ended.
    """
    try:
        answer = get_instance(hass).async_add_executor_job(job, *args)
    except RuntimeError as err:
        raise RecorderEndedError(
            translation_domain=DOMAIN, translation_key="recorder_ended"
        ) from err
    return await answer
