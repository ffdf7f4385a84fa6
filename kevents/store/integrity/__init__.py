"""Integrity: verifying a store, repairing it, and rebuilding its catalog."""
