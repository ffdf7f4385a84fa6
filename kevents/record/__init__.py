"""Recording a cluster: signals of a watcher are written to a journal and synced before they are acknowledged."""
