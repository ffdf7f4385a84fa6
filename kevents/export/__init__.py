"""Exporting part of a store to files that others can import or query."""
