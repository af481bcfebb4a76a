"""One flow per thing that a home has."""
