"""What the roof will give and the home will use, learned from the home's own past."""
