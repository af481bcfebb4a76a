"""Vendor Modbus maps: what each family of inverters keeps in which register."""
