"""Class-activation maps: where in a picture a layer finds evidence for a class."""
