"""The journal of a home: what is on the disk, and what may go from it."""

import asyncio
from pathlib import Path
import random

import pytest

from custom_components.pv_family.coordinator.journal import HomeJournal, Record
from homeassistant.core import HomeAssistant

SOURCES = {"node"}


@pytest.fixture
def path(hass: HomeAssistant) -> Path:
    """Return where the journal is."""
    return Path(hass.config.path(".storage", "pv_family.home.journal"))


async def opened(hass: HomeAssistant, taken: int = 0) -> HomeJournal:
    """Return the journal as the next run opens it."""
    journal = HomeJournal(hass, "home")
    await journal.async_open(taken, SOURCES)
    return journal


async def append(journal: HomeJournal, *bodies: str) -> list[Record]:
    """Put records on the disk together."""
    return await asyncio.gather(
        *(journal.async_append("node", 1.5, body) for body in bodies)
    )


async def test_numbers_go_on(hass: HomeAssistant) -> None:
    """Over restarts, whether the journal still holds the last record or not."""
    journal = await opened(hass)
    assert [r.number for r in await append(journal, "a", "b")] == [1, 2]
    again = await opened(hass, 1)
    assert [r.body for r in again.replay()] == ["b"]
    assert again.replay() == []
    assert again.taken == 2
    assert [r.number for r in await append(again, "c")] == [3]
    await again.async_drop(3)
    later = await opened(hass, 3)
    assert later.replay() == []
    assert [r.number for r in await append(later, "d")] == [4]


async def test_what_goes_and_what_stays(hass: HomeAssistant, path: Path) -> None:
    """Only writes that the state holds whole go."""
    journal = await opened(hass)
    assert not journal.used
    await append(journal, "a", "b")
    await append(journal, "c", "d")
    for number in range(4):
        await journal.async_drop(number)
        left = (await opened(hass, number)).replay()
        assert [r.body for r in left] == list("abcd")[number:]
    assert [r.body for r in (await opened(hass, 3)).replay()] == ["d"]
    await append(journal, "e")
    await journal.async_drop(4)
    assert [r.body for r in (await opened(hass, 4)).replay()] == ["e"]
    await journal.async_drop(5)
    assert not path.exists()
    assert not journal.used


async def test_a_torn_end_moves_no_line(hass: HomeAssistant, path: Path) -> None:
    """What is dropped after a crash ends where the lines of that run ended."""
    await append(await opened(hass), "a", "b")
    whole = path.read_bytes()
    for torn in (b"0", b"0123 [3,", whole[:-1]):
        path.write_bytes(whole + torn)
        journal = await opened(hass)
        bodies = [r.body for r in journal.replay()]
        await append(journal, "c")
        await journal.async_drop(2)
        left = (await opened(hass, 2)).replay()
        assert bodies + [r.body for r in left] in (
            ["a", "b", "c"],
            ["a", "b", "a", "c"],
        )
        assert left[-1].body == "c"


async def test_records_of_what_is_gone(hass: HomeAssistant, path: Path) -> None:
    """They are not handed over, and go with the next save."""
    await append(await opened(hass), "a", "b")
    journal = HomeJournal(hass, "home")
    await journal.async_open(0, {"other"})
    assert journal.replay() == []
    assert journal.taken == 2
    await journal.async_drop(journal.taken)
    assert not path.exists()


async def test_a_closed_journal(hass: HomeAssistant) -> None:
    """What was begun is finished; nothing more is taken."""
    journal = await opened(hass)
    begun = [
        asyncio.ensure_future(journal.async_append("node", 1.0, str(n)))
        for n in range(5)
    ]
    await asyncio.sleep(0)
    await journal.async_close()
    assert [r.body for r in (await opened(hass)).replay()] == list("01234")
    await asyncio.gather(*begun)
    with pytest.raises(OSError, match="closed"):
        await append(journal, "late")


async def test_a_disk_that_fails_for_a_while(hass: HomeAssistant, path: Path) -> None:
    """Those who waited are told; those who come later are served."""
    journal = await opened(hass)
    path.mkdir(parents=True)
    told = await asyncio.gather(
        *(journal.async_append("node", 1.0, str(n)) for n in range(5)),
        return_exceptions=True,
    )
    assert all(isinstance(found, OSError) for found in told)
    path.rmdir()
    (record,) = await append(journal, "later")
    assert [r.body for r in (await opened(hass)).replay()] == ["later"]
    await journal.async_drop(record.number)
    assert not path.exists()


async def test_a_drop_that_fails(
    hass: HomeAssistant, path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Nothing is lost, and it is made up for."""
    journal = await opened(hass)
    await append(journal, "a")
    await append(journal, "b")
    scratch = path.with_name(f"{path.name}.tmp")
    scratch.mkdir()
    await journal.async_drop(1)
    assert "could not be shortened" in caplog.text
    assert [r.body for r in (await opened(hass, 1)).replay()] == ["b"]
    scratch.rmdir()
    await append(journal, "c")
    await journal.async_drop(2)
    assert [r.body for r in (await opened(hass, 2)).replay()] == ["c"]


async def test_many_at_once_while_it_is_emptied(hass: HomeAssistant) -> None:
    """Whatever comes together and goes meanwhile, each record is there or taken."""
    rng = random.Random(5)
    journal = await opened(hass)
    saved = 0

    async def node() -> None:
        for _ in range(60):
            record = await journal.async_append("node", 1.0, "x" * rng.randrange(50))
            journal.taken = max(journal.taken, record.number)
            await asyncio.sleep(0)

    async def save() -> None:
        nonlocal saved
        for _ in range(40):
            saved = journal.taken
            await journal.async_drop(saved)
            await asyncio.sleep(0)

    await asyncio.gather(save(), *(node() for _ in range(10)))
    left = (await opened(hass, saved)).replay()
    assert [r.number for r in left] == list(range(saved + 1, 601))


async def test_a_journal_is_removed(hass: HomeAssistant, path: Path) -> None:
    """Nothing of it stays."""
    journal = await opened(hass)
    await append(journal, "a")
    await journal.async_remove()
    assert not path.exists()
    assert not journal.used
