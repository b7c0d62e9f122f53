"""Reads a Keras model without touching it: layers, inputs, weights, traced graphs."""
