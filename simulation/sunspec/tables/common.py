"""Models 1 (common) and 120 (nameplate)."""

from simulation.sunspec.model import Model
from simulation.sunspec.points import Point, points

_COMMON = (
    *points("uint16", ID=0, L=1, DA=66),
    Point("Mn", 2, "string", 16),
    Point("Md", 18, "string", 16),
    Point("SN", 50, "string", 16),
    Point("Opt", 34, "string", 8),
    Point("Vr", 42, "string", 8),
    *points("pad", Pad=67),
)
_NAMEPLATE = (
    *points("uint16", ID=0, L=1),
    *points("enum16", DERTyp=2),
    *points("uint16", "WRtg_SF", WRtg=3),
    *points(
        "sunssf",
        WRtg_SF=4,
        VARtg_SF=6,
        VArRtg_SF=11,
        ARtg_SF=13,
        PFRtg_SF=18,
        WHRtg_SF=20,
        AhrRtg_SF=22,
        MaxChaRte_SF=24,
        MaxDisChaRte_SF=26,
    ),
    *points("uint16", "VARtg_SF", VARtg=5),
    *points("int16", "VArRtg_SF", VArRtgQ1=7, VArRtgQ2=8, VArRtgQ3=9, VArRtgQ4=10),
    *points("uint16", "ARtg_SF", ARtg=12),
    *points("int16", "PFRtg_SF", PFRtgQ1=14, PFRtgQ2=15, PFRtgQ3=16, PFRtgQ4=17),
    *points("uint16", "WHRtg_SF", WHRtg=19),
    *points("uint16", "AhrRtg_SF", AhrRtg=21),
    *points("uint16", "MaxChaRte_SF", MaxChaRte=23),
    *points("uint16", "MaxDisChaRte_SF", MaxDisChaRte=25),
    *points("pad", Pad=27),
)

COMMON = Model(1, _COMMON)
NAMEPLATE = Model(120, _NAMEPLATE)
