"""The command-line interface. Only this package reads from and writes to the terminal."""
