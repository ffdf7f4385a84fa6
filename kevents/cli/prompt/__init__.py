"""The SQL prompt of `kevents query`: the session on the terminal, its commands, and completion."""
