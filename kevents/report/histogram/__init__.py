"""Event volume over time: occurrences per time bucket and series, and how much of each bucket was not recorded."""
