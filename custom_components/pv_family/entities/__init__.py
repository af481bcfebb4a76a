"""Which sensors each kind of part has: tables, no behaviour."""
