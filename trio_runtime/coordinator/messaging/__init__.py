"""Messages, and requests that the application answers itself."""
