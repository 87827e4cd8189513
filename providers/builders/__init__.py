"""How each of our own providers is built of the settings."""
