"""Words in the names of columns, in the languages that portals write them."""

from typing import Final

from ...readings.energy_book import Flow

# The more particular flow comes first: "discharge" holds "charge".
FLOWS: Final[tuple[tuple[Flow, tuple[str, ...]], ...]] = (
    (Flow.BATTERY_DISCHARGE, ("discharg", "descarc", "scaric", "entlad")),
    (Flow.BATTERY_CHARGE, ("charg", "incarc", "carica", "ladung", "geladen")),
    (
        Flow.GRID_EXPORT,
        (
            "export",
            "feed-in",
            "feed in",
            "to grid",
            "immess",
            "immissione",
            "cedut",
            "livrat",
            "inject",
            "injekt",
            "einspeis",
            "return",
            "terug",
            "gridms.totwhout",
        ),
    ),
    (
        Flow.GRID_IMPORT,
        (
            "import",
            "from grid",
            "purchas",
            "preleva",
            "prelievo",
            "acquist",
            "din retea",
            "preluat",
            "bezug",
            "offtake",
            "afname",
            "totwhin",
        ),
    ),
    (
        Flow.CONSUMPTION,
        ("consum", "load", "verbrauch", "verbruik", "usage", "used", "utilizat"),
    ),
    (
        Flow.PRODUCTION,
        (
            "produ",
            "prodott",
            "generat",
            "yield",
            "solar",
            "pv",
            "fotovolt",
            "photovolt",
            "erzeug",
            "ertrag",
            "opwek",
            "opbrengst",
            "totwhout",
        ),
    ),
)
ENDS: Final = ("end", "sfarsit", "fine", "bis", "until")
COUNTERS: Final = (
    "counter",
    "lifetime",
    "reading",
    "cumul",
    "contor",
    "index",
    "contatore",
    "zahlerstand",
    "lettura",
    "etotal",
    "e-total",
)
PER_HOUR: Final = ("per hour", "pro stunde", "pe ora", "all'ora", "orari")
# What is a number, but no energy.
IDENTIFIERS: Final = frozenset(
    {"ean", "id", "serial", "number", "nummer", "numar", "numero", "pod", "code", "cod"}
)
MONEY: Final = frozenset(
    {"charges", "cost", "costs", "costo", "price", "amount", "kosten", "preis", "pret"}
    | {"eur", "ron", "lei", "usd", "gbp", "€", "$"}
)
UTC_NAMES: Final = frozenset({"utc", "gmt"})
POWERS: Final = ("power", "putere", "potenza", "leistung")
