"""What makes a record provable; imports nothing of ours."""
