"""Feature visualisation: filter patterns by activation maximisation."""
