"""The running site watched: is it alive, is it ready, what does it do, one line for each request."""
