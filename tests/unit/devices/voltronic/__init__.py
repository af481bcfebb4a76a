"""Tests of PI30 units: recorded replies, real wires, damaged bytes."""
