"""Tests of the plant: what stands on the roof."""
