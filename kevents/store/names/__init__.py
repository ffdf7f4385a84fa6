"""The names that a store holds, in a small index, so that a shell completes them without opening a segment."""
