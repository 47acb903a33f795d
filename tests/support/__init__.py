"""What the tests share: databases, hand-written fakes, builders, and ways to do things at the same instant."""
