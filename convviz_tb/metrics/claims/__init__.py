"""Claims: one rule for each sentence, in files by subject."""
