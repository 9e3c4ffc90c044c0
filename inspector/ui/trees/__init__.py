"""What every tree of rows is made of: who lies below whom, what is unfolded, how a cell is painted."""
