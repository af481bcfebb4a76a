"""The plant: what stands on the roof and what it should give."""
