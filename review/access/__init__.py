"""Who may decide: people, their roles, and how they prove who they are."""
