"""Write the values of pvlib that the plant model is held to.

pvlib is no requirement of this project. Run this with a Python that has it:
``python tests/unit/plant/make_pvlib_reference.py tests/fixtures/pvlib/reference.json``
"""

from datetime import UTC, datetime, timedelta
from importlib import import_module
import json
from pathlib import Path
import random
import sys
from typing import Any

type Rows = list[dict[str, float]]

# Latitude, longitude, altitude in m, Linke turbidity.
PLACES = (
    (45.0, 25.0, 500.0, 3.0),
    (37.5, 15.0, 20.0, 3.8),
    (60.2, 24.9, 10.0, 2.6),
    (-33.9, 151.2, 60.0, 3.2),
)
PLANES = ((30.0, 180.0), (0.0, 180.0), (15.0, 95.0), (40.0, 255.0), (90.0, 140.0))
# Axis azimuth, axis tilt, furthest angle, ground coverage.
TRACKERS = (
    (180.0, 0.0, 60.0, 0.0),
    (180.0, 0.0, 55.0, 0.4),
    (195.0, 12.0, 60.0, 0.0),
    (0.0, 0.0, 90.0, 0.3),
)


def _sun(pvlib: Any, pandas: Any, when: datetime, place: tuple[float, ...]) -> Any:
    times = pandas.DatetimeIndex([when])
    return pvlib.solarposition.get_solarposition(
        times, place[0], place[1], pressure=101_325.0, temperature=10.0
    ).iloc[0]


def sky(pvlib: Any, pandas: Any, rng: random.Random, count: int) -> Rows:
    """Return sun, clear sky, split, plane, glass, heat and power at random times."""
    first = datetime(2024, 1, 1, tzinfo=UTC)
    rows: Rows = []
    while len(rows) < count:
        place = PLACES[len(rows) % len(PLACES)]
        tilt, azimuth = PLANES[len(rows) % len(PLANES)]
        when = first + timedelta(minutes=rng.randrange(3 * 366 * 1440))
        sun = _sun(pvlib, pandas, when, place)
        if sun.apparent_elevation < 0.1:
            continue
        times = pandas.DatetimeIndex([when])
        extra = float(
            pvlib.irradiance.get_extra_radiation(
                times, solar_constant=1361.0, method="nrel"
            ).iloc[0]
        )
        pressure = float(pvlib.atmosphere.alt2pres(place[2]))
        relative = pvlib.atmosphere.get_relative_airmass(sun.apparent_zenith)
        clear = pvlib.clearsky.ineichen(
            sun.apparent_zenith,
            pvlib.atmosphere.get_absolute_airmass(relative, pressure),
            place[3],
            altitude=place[2],
            dni_extra=extra,
        )
        ghi = float(clear["ghi"]) * rng.uniform(0.05, 1.05)
        split = pvlib.irradiance.erbs(ghi, sun.zenith, when.timetuple().tm_yday)
        dni, dhi = float(split["dni"]), float(split["dhi"])
        aoi = float(pvlib.irradiance.aoi(tilt, azimuth, sun.zenith, sun.azimuth))
        diffuse = pvlib.irradiance.haydavies(
            tilt, azimuth, dhi, dni, extra, sun.zenith, sun.azimuth
        )
        ground = pvlib.irradiance.get_ground_diffuse(tilt, ghi, albedo=0.2)
        glass = pvlib.iam.martin_ruiz_diffuse(tilt, a_r=0.16)
        poa = rng.uniform(5.0, 1200.0)
        air, wind = rng.uniform(-15.0, 40.0), rng.uniform(0.0, 12.0)
        cell = float(pvlib.temperature.sapm_cell(poa, air, wind, -2.98, -0.0471, 1.0))
        dc_power = rng.uniform(20.0, 7000.0)
        rows.append(
            {
                "time": when.timestamp(),
                "latitude": place[0],
                "longitude": place[1],
                "altitude": place[2],
                "turbidity": place[3],
                "elevation": float(sun.elevation),
                "apparent_elevation": float(sun.apparent_elevation),
                "azimuth": float(sun.azimuth),
                "extraterrestrial": extra,
                "clear_ghi": float(clear["ghi"]),
                "clear_dni": float(clear["dni"]),
                "clear_dhi": float(clear["dhi"]),
                "ghi": ghi,
                "dni": dni,
                "dhi": dhi,
                "tilt": tilt,
                "surface_azimuth": azimuth,
                "aoi": aoi,
                "poa_sky": float(diffuse),
                "poa_ground": float(ground),
                "glass_direct": float(pvlib.iam.martin_ruiz(aoi, a_r=0.16)),
                "glass_sky": float(glass["sky"]),
                "glass_ground": float(glass["ground"]),
                "poa": poa,
                "temp_air": air,
                "wind_speed": wind,
                "temp_cell": cell,
                **{
                    f"huld_{kind}_{version}": float(
                        pvlib.pvarray.huld(
                            poa, cell, 1.0, cell_type=kind, k_version=version
                        )
                    )
                    for kind, version in (
                        ("csi", "pvgis5"),
                        ("csi", "pvgis6"),
                        ("cis", "pvgis5"),
                        ("cdte", "pvgis5"),
                    )
                },
                "dc_power": dc_power,
                "ac_power": float(
                    pvlib.inverter.pvwatts(dc_power, 5000.0 / 0.965, eta_inv_nom=0.965)
                ),
            }
        )
    return rows


def trackers(pvlib: Any, pandas: Any, rng: random.Random, count: int) -> Rows:
    """Return where trackers turn at random times of day."""
    first = datetime(2025, 1, 1, tzinfo=UTC)
    rows: Rows = []
    while len(rows) < count:
        place = PLACES[len(rows) % len(PLACES)]
        axis_azimuth, axis_tilt, max_angle, coverage = TRACKERS[
            len(rows) // len(PLACES) % len(TRACKERS)
        ]
        when = first + timedelta(minutes=rng.randrange(365 * 1440))
        sun = _sun(pvlib, pandas, when, place)
        if sun.elevation < 1.0:
            continue
        turned = pvlib.tracking.singleaxis(
            sun.zenith,
            sun.azimuth,
            axis_tilt,
            axis_azimuth,
            max_angle,
            backtrack=coverage > 0.0,
            gcr=coverage or 1.0,
        )
        rows.append(
            {
                "elevation": float(sun.elevation),
                "azimuth": float(sun.azimuth),
                "axis_azimuth": axis_azimuth,
                "axis_tilt": axis_tilt,
                "max_angle": max_angle,
                "ground_coverage": coverage,
                "surface_tilt": float(turned["surface_tilt"][0]),
                "surface_azimuth": float(turned["surface_azimuth"][0]),
            }
        )
    return rows


def chain_day(pvlib: Any, pandas: Any, place: tuple[float, ...], month: int) -> Any:
    """Return a whole day of an array, step by step through pvlib's own functions."""
    times = pandas.date_range(
        datetime(2025, month, 21, tzinfo=UTC), periods=96, freq="15min"
    ) + pandas.Timedelta("7min30s")
    sun = pvlib.solarposition.get_solarposition(
        times, place[0], place[1], pressure=101_325.0, temperature=10.0
    )
    extra = pvlib.irradiance.get_extra_radiation(times, solar_constant=1361.0)
    pressure = pvlib.atmosphere.alt2pres(place[2])
    clear = pvlib.clearsky.ineichen(
        sun.apparent_zenith,
        pvlib.atmosphere.get_absolute_airmass(
            pvlib.atmosphere.get_relative_airmass(sun.apparent_zenith), pressure
        ),
        place[3],
        altitude=place[2],
        dni_extra=extra,
    )
    poa = pvlib.irradiance.get_total_irradiance(
        35.0,
        200.0,
        sun.zenith,
        sun.azimuth,
        clear.dni,
        clear.ghi,
        clear.dhi,
        dni_extra=extra,
        albedo=0.2,
        model="haydavies",
    )
    split = pvlib.irradiance.haydavies(
        35.0,
        200.0,
        clear.dhi,
        clear.dni,
        extra,
        sun.zenith,
        sun.azimuth,
        return_components=True,
    )
    aoi = pvlib.irradiance.aoi(35.0, 200.0, sun.zenith, sun.azimuth)
    glass = pvlib.iam.martin_ruiz_diffuse(35.0, a_r=0.16)
    lit = (
        (poa.poa_direct + split.poa_circumsolar) * pvlib.iam.martin_ruiz(aoi, a_r=0.16)
        + split.poa_isotropic * float(glass["sky"])
        + poa.poa_ground_diffuse * float(glass["ground"])
    )
    cell = pvlib.temperature.sapm_cell(poa.poa_global, 20.0, 2.0, -2.98, -0.0471, 1.0)
    dc_power = 0.96 * pvlib.pvarray.huld(
        lit.clip(lower=1e-6), cell, 5000.0, cell_type="csi", k_version="pvgis6"
    )
    ac_power = pvlib.inverter.pvwatts(
        dc_power.clip(lower=0.0), 4000.0 / 0.965, eta_inv_nom=0.965
    )
    return {
        "start": times[0].timestamp() - 450.0,
        "latitude": place[0],
        "longitude": place[1],
        "altitude": place[2],
        "turbidity": place[3],
        "poa_global": poa.poa_global.fillna(0.0).round(3).tolist(),
        "ac_power": ac_power.fillna(0.0).round(3).tolist(),
    }


def main(target: Path) -> None:
    """Write the reference."""
    pvlib, pandas = import_module("pvlib"), import_module("pandas")
    rng = random.Random(61724)
    reference = {
        "pvlib": pvlib.__version__,
        "sky": sky(pvlib, pandas, rng, 120),
        "trackers": trackers(pvlib, pandas, rng, 96),
        "days": [
            chain_day(pvlib, pandas, place, month)
            for place in PLACES
            for month in (3, 6, 12)
        ],
    }
    target.write_text(json.dumps(reference, allow_nan=True) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
