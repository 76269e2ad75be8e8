"""What the live services say of themselves: asked only with ``--live``, and never written to."""
