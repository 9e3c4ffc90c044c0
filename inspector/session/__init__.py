"""The window's end of the link: starts model processes and turns their messages into Qt signals."""
