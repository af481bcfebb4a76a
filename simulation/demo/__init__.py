"""A real Home Assistant around the simulated home, set up as a user would."""
