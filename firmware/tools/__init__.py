"""Tools for a node at a USB cable."""
