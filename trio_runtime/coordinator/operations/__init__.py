"""What calls ask of their coordinator: one verb, one way to the managers."""
