"""Calendar expressions as EDTF: found first, filtered, then resolved against the document's date."""
