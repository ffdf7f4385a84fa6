"""Dumps in every format: bytes to event documents, with a problem for each part that cannot be read."""
