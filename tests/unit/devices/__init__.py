"""Tests of the devices: how readings arrive."""
