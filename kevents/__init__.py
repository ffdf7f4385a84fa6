"""kevents: capture Kubernetes events into local Parquet files and ask them questions."""

__version__ = "0.1.0"
