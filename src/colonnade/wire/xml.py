"""XML bodies of requests, read into a small tree without the dangers of XML.

No document type (so no entities but XML's own five), bounded depth; namespaces are dropped, as S3 takes a body
with its namespace or without. The size is bounded by whoever reads the body.
"""

from __future__ import annotations

from xml.parsers import expat

from colonnade.errors import S3Error

#: Deeper than any request of S3 (replication rules reach seven).
MAX_DEPTH = 32


#: More than CompleteMultipartUpload has with 10,000 parts and ten checksums each; bounds memory, which elements
#: take more of than the text they came as.
MAX_ELEMENTS = 150_000


class Element:
    """An element: local name, attributes by local name, children in order, and the text between them."""

    __slots__ = ("attributes", "children", "name", "text")

    def __init__(self, name: str, attributes: dict[str, str]) -> None:
        self.name = name
        self.attributes = attributes
        self.children: list[Element] = []
        self.text = ""


class _Builder:
    """Builds the tree as expat reports it."""

    def __init__(self) -> None:
        self.stack: list[Element] = [Element("", {})]
        self.pieces: list[list[str]] = [[]]
        self.count = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self.count += 1
        if len(self.stack) > MAX_DEPTH or self.count > MAX_ELEMENTS:
            raise S3Error("MalformedXML")
        element = Element(_local(name), {_local(key): value for key, value in attributes.items()})
        self.stack[-1].children.append(element)
        self.stack.append(element)
        self.pieces.append([])

    def end(self, _name: str) -> None:
        self.stack.pop().text = "".join(self.pieces.pop())

    def data(self, text: str) -> None:
        self.pieces[-1].append(text)

    def doctype(self, *_declaration: object) -> None:
        raise S3Error("MalformedXML")


def _local(name: str) -> str:
    return name.rpartition(":")[2]


def parse(data: bytes) -> Element:
    """The root element of a document. Raises MalformedXML for anything that isn't one, or has a DOCTYPE."""
    builder = _Builder()
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = builder.start
    parser.EndElementHandler = builder.end
    parser.CharacterDataHandler = builder.data
    parser.StartDoctypeDeclHandler = builder.doctype
    try:
        parser.Parse(data, True)
    except (expat.ExpatError, ValueError, LookupError):  # the latter two for encodings it hasn't got
        raise S3Error("MalformedXML") from None
    return builder.stack[0].children[0]
