"""Facts: which value holds for which pathway, with the words that say so."""
