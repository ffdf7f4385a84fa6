"""Where observations come from: dumps in every shape, in files, folders and archives."""
