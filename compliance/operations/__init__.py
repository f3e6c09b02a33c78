"""One function per thing a person may do: check the right, run the domain, save and log in one transaction."""
