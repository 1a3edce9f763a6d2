"""What a PDF that Odoo printed is made of."""

import io

import pypdf


def check_printed(content):
    """Fail unless these bytes are a PDF with something drawn on each page.

    Words are drawn as outlines of the web font, so there is no text to read; the same
    page as HTML is looked at elsewhere.

    :param bytes content: of the file
    """
    reader = pypdf.PdfReader(io.BytesIO(content))
    assert reader.metadata.creator.startswith("wkhtmltopdf")
    assert len(reader.pages) >= 1
    for page in reader.pages:
        assert len(page.get_contents().get_data()) > 1000
