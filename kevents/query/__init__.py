"""How a question runs: a selection, the views it narrows, and the engine over them."""
