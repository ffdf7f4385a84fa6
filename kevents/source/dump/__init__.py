"""Reading dumps of any format: bytes to event documents, with a problem for each part that cannot be read."""
