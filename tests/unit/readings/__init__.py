"""Tests of the readings: what devices say, and what of it is believed."""
