"""Where observations rest: Parquet files in folders by cluster and day, and the catalog that says which of them count."""
