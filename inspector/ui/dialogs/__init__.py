"""Questions to the person. None of them blocks: each is opened, and tells by a signal what was decided."""
