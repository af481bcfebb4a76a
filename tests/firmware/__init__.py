"""The firmware: unit tests, simulated boards, and the node against the integration."""
