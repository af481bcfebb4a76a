"""What a home is and what is expected of it."""

from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """Lasting facts about a home.

    Attributes:
        battery: What the battery holds, 0 for none, in Wh.
        max_charge: In W.
        max_discharge: In W.
        efficiency: Of the battery, there and back.
        soc_floor: Below this state of charge it gives nothing, 0 to 1.
        export_limit: The most that may be fed in, ``None`` for any, in W.
        import_limit: What the main fuse carries, ``None`` if not known, in W.
        stored_value: Worth of energy left in the battery at the end, per kWh.
        end: Until when money counts (UTC), ``None`` for as far as is foreseen.
        zone: Whose midnight begins a day.
    """

    battery: float = 0.0
    max_charge: float = 0.0
    max_discharge: float = 0.0
    efficiency: float = 0.9
    soc_floor: float = 0.0
    export_limit: float | None = None
    import_limit: float | None = None
    stored_value: float = 0.0
    end: datetime | None = None
    zone: tzinfo = UTC


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """What is expected, in slots of equal length.

    Attributes:
        start: When the first slot begins (UTC); it holds the present.
        slot: Length of a slot, in s.
        production: Most likely (P50) potential of the arrays, in W.
        production_low: P10, in W.
        production_high: P90, in W.
        base: Most likely consumption without the controlled loads, in W.
        buy: Price of import, per kWh.
        sell: Price of export, per kWh.
    """

    start: datetime
    slot: float
    production: tuple[float, ...]
    production_low: tuple[float, ...]
    production_high: tuple[float, ...]
    base: tuple[float, ...]
    buy: tuple[float, ...]
    sell: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What a household cares about beside its bill.

    Attributes:
        start_cost: What one start of a load is worth avoiding, in money.
        import_aversion: What an hour with a load running on imported power is worth
            avoiding beyond the price, in money.
        shortage_factor: Energy missing at a deadline costs the dearest price times
            this.
    """

    start_cost: float = 0.06
    import_aversion: float = 1.2
    shortage_factor: float = 1.5
