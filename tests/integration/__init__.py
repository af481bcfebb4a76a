"""Tests of the integration inside an in-memory Home Assistant."""
