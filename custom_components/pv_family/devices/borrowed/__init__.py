"""Entities of other integrations that measure something in the home.

Pure: values come in as W and Wh, with the instant at which they were reported.
"""
