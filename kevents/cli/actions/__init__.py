"""What the commands do: one module per command with the same name, imported when the command runs."""
