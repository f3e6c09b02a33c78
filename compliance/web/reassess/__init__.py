"""Use cases assessed anew under a version of the law that came into effect."""
