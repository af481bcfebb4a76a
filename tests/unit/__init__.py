"""Tests that need no running Home Assistant."""
