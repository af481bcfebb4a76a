"""Readings: what a home's devices say, and what of it is believed."""
