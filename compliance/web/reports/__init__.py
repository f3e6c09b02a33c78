"""Reports: asked for, issued, handed out, verified."""
