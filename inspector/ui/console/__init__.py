"""What the model's code prints."""
