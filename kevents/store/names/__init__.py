"""The index of the names in a store, for completion and suggestions."""
