"""How well a plant does, in the terms of IEC 61724-1."""
