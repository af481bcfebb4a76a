"""Decisions about hardware: what may be commanded, when, and by whom."""
