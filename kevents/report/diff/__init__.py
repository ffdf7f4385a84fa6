"""What changed between two windows of time, or differs between two clusters."""
