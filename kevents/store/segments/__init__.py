"""Segments: the Parquet files of observations, how they are written, deduplicated and checked for damage."""
