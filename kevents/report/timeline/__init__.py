"""What happened just before and just after a moment, as one time line."""
