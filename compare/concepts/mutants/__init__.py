"""Small random edits of `scratch`: whoever checks it must see them."""
