"""From a platform's raw sheet to answers: which column is which item, and which rows count."""
