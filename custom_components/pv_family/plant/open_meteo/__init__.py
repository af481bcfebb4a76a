"""Open-Meteo's weather forecast (CC BY 4.0, weather data by Open-Meteo.com)."""
