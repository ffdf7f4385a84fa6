"""Journal files: events that a recorder wrote and that are not in a segment yet, with control lines and checksums."""
