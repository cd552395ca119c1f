"""From capture files to observations: stream → decode → conversations → read."""
