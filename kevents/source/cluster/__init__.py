"""The API of a cluster: connection, credentials, list and watch."""
