"""Honest and hostile files made on the spot."""

import io
import zipfile

import docx
import pikepdf
import pptx
from PIL import Image


def pdf(*pages: str, encryption: pikepdf.Encryption | None = None, size: tuple[float, float] = (595, 842)) -> bytes:
    """A PDF with one line of Helvetica on each page."""
    lines = (" ".join(f"({line}) Tj 0 -16 Td" for line in text.splitlines()) for text in pages)
    drawn = [f"BT /F1 12 Tf 72 750 Td {shown} ET" for shown in lines]
    return drawn_pdf(*drawn, encryption=encryption, size=size)


def drawn_pdf(
    *drawn: str, encryption: pikepdf.Encryption | None = None, size: tuple[float, float] = (595, 842)
) -> bytes:
    """A PDF whose pages are drawn by these instructions; its font is F1."""
    document = pikepdf.new()
    font = document.make_indirect(
        pikepdf.Dictionary(Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica)
    )
    for instructions in drawn:
        page = document.add_blank_page(page_size=size)
        page.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F1=font))
        page.Contents = document.make_stream(instructions.encode("latin-1"))
    output = io.BytesIO()
    document.save(output, encryption=encryption or False)
    return output.getvalue()


def encrypted_pdf(*, user: str = "secret", owner: str = "secret") -> bytes:
    return pdf("hidden", encryption=pikepdf.Encryption(user=user, owner=owner))


def pdf_stream_bomb() -> bytes:
    """A page whose content unpacks to gigabytes."""
    document = pikepdf.new()
    page = document.add_blank_page()
    inner = pikepdf.Stream(document, b"0 0 m 9 9 l S " * 4_000_000)
    page.Contents = document.make_indirect(inner)
    output = io.BytesIO()
    document.save(output, compress_streams=True, recompress_flate=True)
    return output.getvalue()


def word(*paragraphs: tuple[str, str]) -> bytes:
    """A Word file of (style, text) pairs."""
    document = docx.Document()
    for style, text in paragraphs:
        document.add_paragraph(text, style=style)
    output = io.BytesIO()
    document.save(output)
    return output.getvalue()


def slides(*titles_and_texts: tuple[str, str]) -> bytes:
    presentation = pptx.Presentation()
    for title, text in titles_and_texts:
        slide = presentation.slides.add_slide(presentation.slide_layouts[1])
        slide.shapes.title.text = title
        slide.placeholders[1].text = text
    output = io.BytesIO()
    presentation.save(output)
    return output.getvalue()


def picture(kind: str = "PNG", size: tuple[int, int] = (8, 6)) -> bytes:
    output = io.BytesIO()
    Image.new("L", size, 200).save(output, kind)
    return output.getvalue()


def archive(**members: bytes) -> bytes:
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED) as written:
        for name, content in members.items():
            written.writestr(name, content)
    return output.getvalue()


def word_bomb() -> bytes:
    """A Word file with the right parts, one of which unpacks a thousandfold."""
    return archive(
        **{"[Content_Types].xml": b"<Types/>", "word/document.xml": b"<w/>", "word/media/a.bin": bytes(30_000_000)}
    )


def crowded_word() -> bytes:
    """A Word file of too many parts."""
    parts = {f"word/media/{number}": b"" for number in range(5_001)}
    return archive(**{"[Content_Types].xml": b"<Types/>", "word/document.xml": b"<w/>"}, **parts)


def encrypted_word() -> bytes:
    """What Office makes of a file with a password: a compound file with this stream in its directory."""
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + "EncryptedPackage".encode("utf-16-le") + bytes(100)


def old_word() -> bytes:
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + "WordDocument".encode("utf-16-le") + bytes(100)


def open_document(body: str, kind: bytes = b"application/vnd.oasis.opendocument.text") -> bytes:
    """A text of an office suite that keeps OpenDocument; `body` is in its own XML."""
    names = "".join(
        f' xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "text", "table")
    )
    inner = f"<office:body><office:text>{body}</office:text></office:body>"
    content = f"<office:document-content{names}>{inner}</office:document-content>"
    return archive(**{"mimetype": kind, "content.xml": content.encode()})
