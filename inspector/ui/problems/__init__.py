"""What went wrong or is worth knowing: the list at the bottom, and the banner over the views."""
