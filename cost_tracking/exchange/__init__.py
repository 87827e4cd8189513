"""What one currency was worth in another on a day, and who published it."""
