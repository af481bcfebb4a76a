"""Vendor Modbus maps."""
