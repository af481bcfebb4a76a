"""A fuzzer for everything that reads what comes from outside.

``python -m tests.fuzz --minutes 5`` runs every target for its share of the time and
ends with 1 and the input that broke one, if any did.
"""
