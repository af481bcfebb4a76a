"""Voltronic PI30: off-grid inverters (PIP, MKS, MAX, King and clones) by text commands.

Sources: the vendor's RS232 protocol papers (HS/MS/MSX 2014, KS/MKS 2015, PIP-GK/MK,
MAX 2021) and replies recorded from real units.
"""
