"""Upkeep: what becomes of a store as time goes by, by hand and beside a recorder."""
