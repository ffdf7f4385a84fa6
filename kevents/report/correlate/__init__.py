"""What else happened around an event of an object, and how unusual that was."""
