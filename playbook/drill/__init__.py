"""An attacked mail server to rehearse on: no root, no network beyond loopback, no download."""
