"""The review page: where people look at what was made, and decide."""
