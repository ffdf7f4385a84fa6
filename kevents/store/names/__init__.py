"""The index of names in a store, for completion and suggestions."""
