"""Own account: signing in and out, first sign-in, password, second factor, language."""
