"""The events of one object: the Events section of `kubectl describe`, or its full history and that of its family."""
