"""How answers are written: one file a format, each a function from a result to chunks of text or bytes."""
