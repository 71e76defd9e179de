"""The pages, one module each: what they show, and what can be changed on them."""
