"""Energy that the user writes down: typed in, or in a file of any portal."""
