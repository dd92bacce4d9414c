"""What more than one paper tells, so that all of them tell it alike."""
