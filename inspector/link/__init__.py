"""The road between the model process and the window: frames, authentication, connection files. Standard library only."""
