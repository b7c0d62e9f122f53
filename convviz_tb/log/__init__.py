"""The training side: the callback, one logging step, the event files."""
