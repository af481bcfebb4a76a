"""Tests of SunSpec devices."""
