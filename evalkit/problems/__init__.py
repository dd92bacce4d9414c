"""Named faults of what comes in: a constructor each, with what to do about it."""
