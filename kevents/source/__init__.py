"""Where observations come from: the API of a cluster, input files and archives, and the text of dumps."""
