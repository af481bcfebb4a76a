"""Tests of nodes that push over HTTP."""
