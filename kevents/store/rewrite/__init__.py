"""Rewriting: merging the segments of a day, and exchanging old files for new ones."""
