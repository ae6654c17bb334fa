"""Words around a value that say what it is: rows of data, and one mechanism that matches and weighs them."""
