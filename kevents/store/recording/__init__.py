"""Recording: writing the journal of a cluster, and sealing its files into segments."""
