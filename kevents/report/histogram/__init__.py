"""How much happened when: occurrences in buckets of time, by series, and which buckets nobody watched throughout."""
