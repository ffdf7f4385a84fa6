"""Recording: writing a journal and sealing its files into segments."""
