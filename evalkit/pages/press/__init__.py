"""How pages are made, whatever they tell: words for numbers, templates, printing."""
