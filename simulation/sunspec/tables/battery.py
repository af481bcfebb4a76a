"""Model 802: a battery."""

from simulation.sunspec.model import Model
from simulation.sunspec.points import points

_POINTS = (
    *points(
        "uint16",
        ID=0,
        L=1,
        Hb=18,
        CtrlHb=19,
        AlmRst=20,
        CellVMaxStr=38,
        CellVMaxMod=39,
        CellVMinStr=41,
        CellVMinMod=42,
    ),
    *points("uint16", "AHRtg_SF", AHRtg=2),
    *points("uint16", "WHRtg_SF", WHRtg=3),
    *points("uint16", "WChaDisChaMax_SF", WChaRteMax=4, WDisChaRteMax=5),
    *points("uint16", "DisChaRte_SF", DisChaRte=6),
    *points("uint16", "SoC_SF", SoCMax=7, SoCMin=8, SocRsvMax=9, SoCRsvMin=10, SoC=11),
    *points("uint16", "DoD_SF", DoD=12),
    *points("uint16", "SoH_SF", SoH=13),
    *points("uint32", NCyc=14, WarrDt=24),
    *points(
        "enum16",
        ChaSt=16,
        LocRemCtl=17,
        Typ=21,
        State=22,
        StateVnd=23,
        ReqInvState=48,
        SetOp=50,
        SetInvState=51,
    ),
    *points("bitfield32", Evt1=26, Evt2=28, EvtVnd1=30, EvtVnd2=32),
    *points("uint16", "V_SF", V=34, VMax=35, VMin=36),
    *points("uint16", "CellV_SF", CellVMax=37, CellVMin=40, CellVAvg=43),
    *points("int16", "A_SF", A=44),
    *points("uint16", "AMax_SF", AChaMax=45, ADisChaMax=46),
    *points("int16", "W_SF", W=47, ReqW=49),
    *points(
        "sunssf",
        AHRtg_SF=52,
        WHRtg_SF=53,
        WChaDisChaMax_SF=54,
        DisChaRte_SF=55,
        SoC_SF=56,
        DoD_SF=57,
        SoH_SF=58,
        V_SF=59,
        CellV_SF=60,
        A_SF=61,
        AMax_SF=62,
        W_SF=63,
    ),
)

BATTERY = Model(802, _POINTS)
