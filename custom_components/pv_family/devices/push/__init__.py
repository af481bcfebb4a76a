"""Nodes that push their readings over HTTP."""
