"""Queries over a store: the selection, the SQL views that it narrows, and the engine that runs SQL on them."""
