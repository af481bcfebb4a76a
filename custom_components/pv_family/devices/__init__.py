"""Devices: how readings arrive and how commands leave, one module per way."""
