"""Input files: paths, directories, archives, compressed streams and pipes."""
