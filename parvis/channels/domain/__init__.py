"""Pure decisions about what comes in and goes out: no Django here."""
