"""The plant's books: quarter by quarter what should come, what came, and why not."""
