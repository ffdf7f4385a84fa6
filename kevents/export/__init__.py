"""Export: a part of a store as files for somebody else, who can import them and has the same."""
