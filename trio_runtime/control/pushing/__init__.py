"""Events to many clients: encoded once, queued for each, sent without holding anything up."""
