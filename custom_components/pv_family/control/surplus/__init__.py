"""Surplus into loads, at the right price."""
