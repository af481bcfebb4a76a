"""How models look at night on inverters that then stop measuring."""

from collections.abc import Mapping

from .model import ModelValues
from .points import Value

_KEPT_POINTS: dict[int, frozenset[str]] = {
    101: frozenset({"Evt1", "Evt2", "WH"}),
    103: frozenset({"Evt1", "Evt2", "WH"}),
    111: frozenset({"Evt1", "Evt2", "WH"}),
    113: frozenset({"Evt1", "Evt2", "WH"}),
    160: frozenset({"Evt", "N"}),
    701: frozenset({"ACType", "Alrm", "ConnSt", "DERMode", "TotWhAbs", "TotWhInj"}),
    714: frozenset({"DCWhAbs", "DCWhInj", "NPrt", "PrtAlrms"}),
}
_KEPT_IN_GROUPS = frozenset(
    {"DCAlrm", "DCEvt", "DCWH", "DCWhAbs", "DCWhInj", "ID", "IDStr", "PrtTyp"}
)


def asleep(model_id: int, values: ModelValues, state: int) -> ModelValues:
    """Drop every live value of an inverter model; counters and identities stay.

    Args:
        model_id: models that are not an inverter's come back unchanged.
        values: what the model shows by day.
        state: value of `St` (model 103), 2 sleeping or 8 standby.
    """
    kept = _KEPT_POINTS.get(model_id)
    if kept is None:
        return values
    points = _only(values.points, kept)
    groups = [_only(group, _KEPT_IN_GROUPS) for group in values.groups]
    if model_id == 701:
        points |= {"InvSt": state - 1, "St": 0}
    elif model_id == 160:
        groups = [group | {"DCSt": state} for group in groups]
    elif model_id == 714:
        groups = [group | {"DCSta": 0} for group in groups]
    else:
        points["St"] = state
    return ModelValues(points, groups)


def _only(values: Mapping[str, Value], kept: frozenset[str]) -> dict[str, Value]:
    """Return the values whose names are kept."""
    return {name: value for name, value in values.items() if name in kept}
