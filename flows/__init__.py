"""The edge: the only package that knows Prefect, the environment and the clock."""
