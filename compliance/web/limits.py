"""Every limit on what comes in; each message names the one that was passed."""

from __future__ import annotations

REQUEST_BYTES = 10 * 1024 * 1024
FORM_BYTES = 500_000
ENCODED_BYTES = 3 * FORM_BYTES  # of a form without files, where a byte of text takes up to three
FORM_PARTS = 1_000
PAGE_MOST = 10_000
NAME = 200
PERSON_NAME = 120
EMAIL = 254
URL = 2_000
WEBHOOK_URL = 500
LONG_TEXT = 4_000
COMMENT = 2_000
SEARCH = 100
