"""Import: what sources read is decoded, looked through for secrets, and taken into the store."""
