"""Tests of the whole: a real Home Assistant, a real Modbus server, a browser."""
