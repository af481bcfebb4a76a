"""Nodes that push over HTTP, through the door that they use."""
