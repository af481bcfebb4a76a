"""Plugins that pytest loads before any test."""
