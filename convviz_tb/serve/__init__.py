"""The TensorBoard side: event files in, HTTP out. Neither TensorFlow nor Keras here."""
