"""Where observations rest: Parquet files in directories by cluster and day, and the catalog of those that count."""
