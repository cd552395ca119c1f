"""From observations to a diagnosis; knows no source."""
