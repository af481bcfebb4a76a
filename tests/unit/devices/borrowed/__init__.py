"""Tests of borrowed entities."""
