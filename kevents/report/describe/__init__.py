"""One object's events: as `kubectl describe` prints them, or all that is known of it and of its family."""
