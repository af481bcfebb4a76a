"""How a roof lies, estimated from what it has produced."""
