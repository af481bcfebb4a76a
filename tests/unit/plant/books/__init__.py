"""Tests of the plant's books."""
