"""A simulated solar home, served as the devices a real one would have.

The package is an independent witness: it imports neither Home Assistant nor the
integration it is used to test.
"""
