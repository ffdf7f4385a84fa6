"""The output formats: each is a function that turns a result into chunks of text or bytes."""
