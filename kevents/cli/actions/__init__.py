"""What each command does: a file per command, under the same name, that the command imports when it runs."""
