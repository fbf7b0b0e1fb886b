"""Small real files for the demo's attachments, made here: a photograph of sorts and a one-page document. Pure."""

import struct
import zlib
from functools import cache


@cache
def png(seed: int, *, width: int = 240, height: int = 160) -> bytes:
    """A true-colour PNG: a wheel before a wall, tinted by `seed`."""
    red, green, blue = 90 + seed * 37 % 120, 90 + seed * 59 % 110, 100 + seed * 83 % 90
    centre_x, centre_y, radius = width // 2, height // 2 + seed % 11, 38 + seed % 23
    rows = bytearray()
    for y in range(height):
        rows.append(0)  # no filter
        for x in range(width):
            distance = ((x - centre_x) ** 2 + (y - centre_y) ** 2) ** 0.5
            if abs(distance - radius) < 4 or distance < 5:
                rows += bytes((32, 33, 36))
            elif distance < radius and (x - centre_x) * (y - centre_y) % 17 == 0:
                rows += bytes((150, 152, 155))
            else:
                shade = 40 * y // height
                rows += bytes((red - shade, green - shade, blue - shade))
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + _chunk(b"IHDR", header)
        + _chunk(b"IDAT", zlib.compress(bytes(rows), 6))
        + _chunk(b"IEND", b"")
    )


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def pdf(lines: list[str]) -> bytes:
    """A one-page PDF 1.4 with these lines of text, Latin-1 letters at most."""
    shown = " T* ".join(f"({_escaped(line)}) Tj" for line in lines)
    stream = f"BT /F1 12 Tf 16 TL 60 780 Td {shown} ET".encode("latin-1", "replace")
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R "
        b"/Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    body, offsets = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, start=1):
        offsets.append(len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    return (
        body
        + b"xref\n0 %d\n0000000000 65535 f \n%s" % (len(objects) + 1, table)
        + b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, len(body))
    )


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")
