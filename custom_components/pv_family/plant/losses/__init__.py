"""Where the energy went: every Wh between theory and harvest booked to one cause."""
