"""The event store: Parquet files by cluster and day, the catalog that lists them, and the journals of recorders."""
