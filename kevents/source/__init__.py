"""Sources of observations: the API of a cluster, input files and archives, and dump formats."""
