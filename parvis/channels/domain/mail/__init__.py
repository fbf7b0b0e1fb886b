"""Reading mail: bytes in, one plain value out, whatever the bytes are."""
