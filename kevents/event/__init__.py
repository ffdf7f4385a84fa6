"""What a Kubernetes event is: its columns, and the rules that turn a document into an observation."""
