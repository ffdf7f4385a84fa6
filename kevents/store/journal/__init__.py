"""Journal files: what a recorder wrote and no segment holds yet; documents, control lines and checksums."""
