"""The command-line interface. No other package uses the terminal."""
