"""Whether an accepted asset stayed accepted, and what each that did has cost."""
