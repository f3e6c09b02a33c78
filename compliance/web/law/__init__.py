"""Reading the law: every text as pages, from an article to its rules and back."""
