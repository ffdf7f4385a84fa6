"""Segments: Parquet files of observations, how rows get into them and how damage is found."""
