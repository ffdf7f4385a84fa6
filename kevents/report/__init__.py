"""The named questions: one SQL file each."""
