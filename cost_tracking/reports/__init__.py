"""What was spent, told: figures worked out once, and every page and file made from them."""
