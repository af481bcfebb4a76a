"""Keys of nodes, and how fast a node may report."""

import hmac
import inspect

from hypothesis import given, strategies as st
import pytest

from custom_components.pv_family.devices.push import keys
from custom_components.pv_family.devices.push.keys import hashed, make_key, owner_of
from custom_components.pv_family.devices.push.limiter import Limiter

# What a header may hold: bytes that are no UTF-8 arrive as lone surrogates.
_HEADERS = st.text() | st.binary().map(lambda raw: raw.decode(errors="surrogateescape"))


def test_a_key_is_long_and_new() -> None:
    """Two keys differ, and each has at least 256 random bits."""
    made = {make_key() for _ in range(100)}
    assert len(made) == 100
    assert all(len(key.removeprefix("pvf_")) >= 43 for key in made)


def test_the_hash_does_not_hold_the_key() -> None:
    """What is kept tells nothing of the key."""
    key = make_key()
    assert key not in hashed(key)
    assert len(hashed(key)) == 64


def test_each_key_has_one_owner() -> None:
    """A key opens its own node's door and no other."""
    made = {f"node {number}": make_key() for number in range(5)}
    hashes = {owner: hashed(key) for owner, key in made.items()}
    for owner, key in made.items():
        assert owner_of(key, hashes) == owner
        assert owner_of(key[:-1], hashes) is None
        assert owner_of(f"{key} ", hashes) is None
        assert owner_of(hashed(key), hashes) is None
    assert owner_of(made["node 1"], {}) is None


def test_keys_are_compared_in_constant_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every hash is compared, whole, also after the right one was found."""
    assert vars(keys)["compare_digest"] is hmac.compare_digest
    compared: list[tuple[str, str]] = []

    def watch(one: str, other: str) -> bool:
        compared.append((one, other))
        return hmac.compare_digest(one, other)

    monkeypatch.setattr(keys, "compare_digest", watch)
    key = make_key()
    hashes = {"first": hashed(key), "second": hashed("b"), "third": hashed("c")}
    assert owner_of(key, hashes) == "first"
    assert [other for _, other in compared] == list(hashes.values())
    assert "==" not in inspect.getsource(owner_of)


@given(_HEADERS)
def test_no_header_is_a_key(header: str) -> None:
    """Whatever a request brings, it is no key and no accident."""
    assert owner_of(header, {"node": hashed(make_key())}) is None


def test_a_burst_and_then_a_steady_rate() -> None:
    """The bucket empties, tells how long to wait, and fills again."""
    limiter = Limiter.full(10.0, 3.0, 100.0)
    assert [limiter.take(100.0) for _ in range(3)] == [0.0, 0.0, 0.0]
    assert limiter.take(100.0) == pytest.approx(0.1)
    assert limiter.take(100.05) == pytest.approx(0.05)
    assert limiter.take(100.11) == 0.0
    assert limiter.take(100.11) > 0.0
    assert [limiter.take(1e6) for _ in range(4)][:3] == [0.0, 0.0, 0.0]
    assert limiter.take(1e6) > 0.0


@given(st.lists(st.floats(0.0, 1e6), max_size=200))
def test_no_more_than_the_rate_allows(times: list[float]) -> None:
    """However requests are spread, burst and rate bound how many pass."""
    limiter = Limiter.full(2.0, 5.0, 0.0)
    passed = [now for now in sorted(times) if limiter.take(now) == 0.0]
    for first, start in enumerate(passed):
        for last in range(first, len(passed)):
            allowed = 5.0 + 2.0 * (passed[last] - start)
            assert last - first + 1 <= allowed + 1e-6


def test_a_clock_that_goes_back_opens_nothing() -> None:
    """A time before the last one fills no bucket."""
    limiter = Limiter.full(1.0, 1.0, 100.0)
    assert limiter.take(100.0) == 0.0
    assert limiter.take(0.0) > 0.0
