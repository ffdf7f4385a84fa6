"""What the subcommands of `kevents store` do."""
