"""The line at the lower edge: the model process, the model, and what is going on."""
