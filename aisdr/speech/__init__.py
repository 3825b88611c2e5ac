"""Text read aloud: the contract of a narrator, the narrators, and what chooses between them."""
