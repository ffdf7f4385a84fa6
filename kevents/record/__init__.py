"""Recording: what a cluster tells goes into the journal, synced before anything claims that it is there."""
