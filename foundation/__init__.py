"""What every room stands on: settings and secrets, logging, HTTP manners. No domain words here."""
