"""Kubernetes events: their fields and columns, and the rules that turn a JSON document into an observation."""
