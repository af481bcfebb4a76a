"""Tests of prices, money and CO2."""
