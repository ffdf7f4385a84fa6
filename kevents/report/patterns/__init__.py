"""Recurring groups of events: which message comes again and again, how fast and in what rhythm."""
