"""The road between model process and window: frames, authentication, connection files. Standard library only."""
