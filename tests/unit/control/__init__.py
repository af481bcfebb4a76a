"""Tests of the decisions about hardware."""
