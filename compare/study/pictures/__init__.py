"""Pictures of what the concepts compute."""
