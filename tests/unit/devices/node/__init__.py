"""Tests of MQTT nodes."""
