"""Maintenance of a store: pruning by age and size, and the rounds that a recorder runs in the background."""
