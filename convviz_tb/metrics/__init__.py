"""Numbers and sentences: drift, responses to probe images, findings."""
