"""Pages of piles: what each is, where it belongs, and the papers that are made of them."""
