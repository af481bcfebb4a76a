"""Models 101, 103 (integer), 111, 113 (float) and 160 (trackers)."""

from simulation.sunspec.model import Model
from simulation.sunspec.points import Point, points

_INTEGER = (
    *points("uint16", ID=0, L=1),
    *points("uint16", "A_SF", A=2, AphA=3, AphB=4, AphC=5),
    *points(
        "sunssf",
        A_SF=6,
        V_SF=13,
        W_SF=15,
        Hz_SF=17,
        VA_SF=19,
        VAr_SF=21,
        PF_SF=23,
        WH_SF=26,
        DCA_SF=28,
        DCV_SF=30,
        DCW_SF=32,
        Tmp_SF=37,
    ),
    *points(
        "uint16",
        "V_SF",
        PPVphAB=7,
        PPVphBC=8,
        PPVphCA=9,
        PhVphA=10,
        PhVphB=11,
        PhVphC=12,
    ),
    *points("int16", "W_SF", W=14),
    *points("uint16", "Hz_SF", Hz=16),
    *points("int16", "VA_SF", VA=18),
    *points("int16", "VAr_SF", VAr=20),
    *points("int16", "PF_SF", PF=22),
    *points("acc32", "WH_SF", WH=24),
    *points("uint16", "DCA_SF", DCA=27),
    *points("uint16", "DCV_SF", DCV=29),
    *points("int16", "DCW_SF", DCW=31),
    *points("int16", "Tmp_SF", TmpCab=33, TmpSnk=34, TmpTrns=35, TmpOt=36),
    *points("enum16", St=38, StVnd=39),
    *points(
        "bitfield32", Evt1=40, Evt2=42, EvtVnd1=44, EvtVnd2=46, EvtVnd3=48, EvtVnd4=50
    ),
)
_FLOAT = (
    *points("uint16", ID=0, L=1),
    *points(
        "float32",
        A=2,
        AphA=4,
        AphB=6,
        AphC=8,
        PPVphAB=10,
        PPVphBC=12,
        PPVphCA=14,
        PhVphA=16,
        PhVphB=18,
        PhVphC=20,
        W=22,
        Hz=24,
        VA=26,
        VAr=28,
        PF=30,
        WH=32,
        DCA=34,
        DCV=36,
        DCW=38,
        TmpCab=40,
        TmpSnk=42,
        TmpTrns=44,
        TmpOt=46,
    ),
    *points("enum16", St=48, StVnd=49),
    *points(
        "bitfield32", Evt1=50, Evt2=52, EvtVnd1=54, EvtVnd2=56, EvtVnd3=58, EvtVnd4=60
    ),
)
_MPPT = (
    *points("uint16", ID=0, L=1, TmsPer=9),
    *points("sunssf", DCA_SF=2, DCV_SF=3, DCW_SF=4, DCWH_SF=5),
    *points("bitfield32", Evt=6),
    *points("count", N=8),
)
_MODULE = (
    *points("uint16", ID=0),
    Point("IDStr", 1, "string", 8),
    *points("uint16", "DCA_SF", DCA=9),
    *points("uint16", "DCV_SF", DCV=10),
    *points("uint16", "DCW_SF", DCW=11),
    *points("acc32", "DCWH_SF", DCWH=12),
    *points("uint32", Tms=14),
    *points("int16", Tmp=16),
    *points("enum16", DCSt=17),
    *points("bitfield32", DCEvt=18),
)

INVERTERS = (
    Model(101, _INTEGER),
    Model(103, _INTEGER),
    Model(111, _FLOAT),
    Model(113, _FLOAT),
)
MPPT = Model(160, _MPPT, _MODULE)
