"""Where observations rest: Parquet files in folders by cluster and day, and the catalog of those that count."""
