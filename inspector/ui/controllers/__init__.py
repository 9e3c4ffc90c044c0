"""What joins the session to the views: one small class for each concern."""
