"""Compares event counts between two windows of time, or between two clusters."""
