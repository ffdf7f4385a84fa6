"""Importing dumps, exports and stores: decode events, redact them, and add them to the store."""
