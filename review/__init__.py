"""People decide: what was chosen, accepted, rejected or withdrawn, and on which bytes."""
