"""What families of layers share: base classes, and the checks of their inputs."""
