"""What may be wrong around kevents: each check by itself, each finding with what to do about it."""
