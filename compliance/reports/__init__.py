"""What leaves the house: from records and outcomes to bytes; computes nothing of its own."""
