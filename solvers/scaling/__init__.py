"""What the method ``large`` is made of: the problem over groups, prices and bounds, pieces, first allocations."""
