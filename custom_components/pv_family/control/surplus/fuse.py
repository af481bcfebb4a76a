"""What the main fuse carries comes before anything else."""

from collections.abc import Sequence
from dataclasses import replace

from .loads import Load, LoadKind
from .reasons import Decision, Why
from .site import Site
from .track import Track


def within_fuse(
    site: Site,
    loads: Sequence[Load],
    tracks: dict[str, Track],
    grid: float | None,
    decisions: dict[str, Decision],
) -> dict[str, Decision]:
    """Take away what the main fuse does not carry, the least important first.

    Args:
        site: The home.
        loads: All loads.
        tracks: What is remembered of them.
        grid: What the grid gives now, ``None`` if not known, in W.
        decisions: What was decided without regard to the fuse.
    """
    if site.import_limit is None or grid is None:
        return decisions
    expected = {x.spec.key: _expected(x, decisions[x.spec.key]) for x in loads}
    grid += sum(expected[x.spec.key] - x.drawn for x in loads)
    over = grid - site.import_limit
    for load in sorted(loads, key=lambda x: -x.spec.priority):
        spec, decision = load.spec, decisions[load.spec.key]
        if over <= 0.0:
            break
        held = expected[spec.key]
        if held <= 0.0 or (spec.kind is LoadKind.PROGRAMME and load.state.on):
            continue
        power = 0.0
        if spec.kind is LoadKind.MODULATING and held - over >= spec.least:
            power = spec.set_point(held - over)
        else:
            track = tracks[spec.key]
            track.sent = track.sent_at = track.wish = None
        over -= held - power
        decisions[spec.key] = replace(decision, why=Why.FUSE, power=power)
    return decisions


def _expected(load: Load, decision: Decision) -> float:
    """Return what a load will draw once a decision has taken effect, in W."""
    if decision.power <= 0.0 or load.state.room <= 1.0:
        return load.drawn if load.spec.kind is LoadKind.PROGRAMME else 0.0
    if load.spec.kind is not LoadKind.MODULATING and load.state.on:
        return load.drawn
    return decision.power
