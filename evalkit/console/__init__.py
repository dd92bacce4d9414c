"""What the command line says: problems and notes, grouped and counted; usage, in Chinese."""
