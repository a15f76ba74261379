"""Who gets whom, and when: the decisions of a call centre, without a call, a clock or a task."""
