"""What is paid for many at once, shared out to each of them to the micro, and what is left over."""
