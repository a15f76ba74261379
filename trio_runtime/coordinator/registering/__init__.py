"""Being registered: accounts at their registrars, and who speaks for each."""
