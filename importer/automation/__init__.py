"""What runs unattended: a watched inbox folder and the preflight checks."""
