"""Tests of PV Family."""
