"""The SQL prompt of `kevents query`: what is typed (session), what it means (shell), what could follow (complete)."""
