"""Entities of other integrations fill the roles of a home."""
