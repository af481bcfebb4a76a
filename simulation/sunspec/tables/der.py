"""Models 701 (AC), 713 (storage) and 714 (DC ports) of the 7xx family."""

from simulation.sunspec.model import Model
from simulation.sunspec.points import Point, points

_AC = (
    *points("uint16", ID=0, L=1, ThrotPct=110),
    *points("enum16", ACType=2, St=3, InvSt=4, ConnSt=5),
    *points("bitfield32", Alrm=6, DERMode=8, ThrotSrc=111),
    *points("int16", "W_SF", W=10, WL1=41, WL2=64, WL3=87),
    *points("int16", "VA_SF", VA=11, VAL1=42, VAL2=65, VAL3=88),
    *points("int16", "Var_SF", Var=12, VarL1=43, VarL2=66, VarL3=89),
    *points("int16", "PF_SF", PF=13, PFL1=44, PFL2=67, PFL3=90),
    *points("int16", "A_SF", A=14, AL1=45, AL2=68, AL3=91),
    *points(
        "uint16",
        "V_SF",
        LLV=15,
        LNV=16,
        VL1L2=46,
        VL1=47,
        VL2L3=69,
        VL2=70,
        VL3L1=92,
        VL3=93,
    ),
    *points("uint32", "Hz_SF", Hz=17),
    *points(
        "uint64",
        "TotWh_SF",
        TotWhInj=19,
        TotWhAbs=23,
        TotWhInjL1=48,
        TotWhAbsL1=52,
        TotWhInjL2=71,
        TotWhAbsL2=75,
        TotWhInjL3=94,
        TotWhAbsL3=98,
    ),
    *points(
        "uint64",
        "TotVarh_SF",
        TotVarhInj=27,
        TotVarhAbs=31,
        TotVarhInjL1=56,
        TotVarhAbsL1=60,
        TotVarhInjL2=79,
        TotVarhAbsL2=83,
        TotVarhInjL3=102,
        TotVarhAbsL3=106,
    ),
    *points(
        "int16",
        "Tmp_SF",
        TmpAmb=35,
        TmpCab=36,
        TmpSnk=37,
        TmpTrns=38,
        TmpSw=39,
        TmpOt=40,
    ),
    *points(
        "sunssf",
        A_SF=113,
        V_SF=114,
        Hz_SF=115,
        W_SF=116,
        PF_SF=117,
        VA_SF=118,
        Var_SF=119,
        TotWh_SF=120,
        TotVarh_SF=121,
        Tmp_SF=122,
    ),
    Point("MnAlrmInfo", 123, "string", 32),
)
_STORAGE = (
    *points("uint16", ID=0, L=1),
    *points("uint16", "WH_SF", WHRtg=2, WHAvail=3),
    *points("uint16", "Pct_SF", SoC=4, SoH=5),
    *points("enum16", Sta=6),
    *points("sunssf", WH_SF=7, Pct_SF=8),
)
_DC = (
    *points("uint16", ID=0, L=1, NPrt=4),
    *points("bitfield32", PrtAlrms=2),
    *points("int16", "DCA_SF", DCA=5),
    *points("int16", "DCW_SF", DCW=6),
    *points("uint64", "DCWH_SF", DCWhInj=7, DCWhAbs=11),
    *points("sunssf", DCA_SF=15, DCV_SF=16, DCW_SF=17, DCWH_SF=18, Tmp_SF=19),
)
_PORT = (
    *points("enum16", PrtTyp=0, DCSta=22),
    *points("uint16", ID=1),
    Point("IDStr", 2, "string", 8),
    *points("int16", "DCA_SF", DCA=10),
    *points("uint16", "DCV_SF", DCV=11),
    *points("int16", "DCW_SF", DCW=12),
    *points("uint64", "DCWH_SF", DCWhInj=13, DCWhAbs=17),
    *points("int16", "Tmp_SF", Tmp=21),
    *points("bitfield32", DCAlrm=23),
)

# Here the power factor is a ratio, not a percentage.
DER_AC = Model(701, _AC, scale_factors={"PF_SF": -3})
DER_STORAGE = Model(713, _STORAGE)
DER_DC = Model(714, _DC, _PORT)
