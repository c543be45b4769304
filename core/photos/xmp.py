"""The XMP packet: turned upright, and with a line of history and usage terms for what was done."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_META = "adobe:ns:meta/"
_MM = "http://ns.adobe.com/xap/1.0/mm/"
_EVENT = "http://ns.adobe.com/xap/1.0/sType/ResourceEvent#"
_RIGHTS = "http://ns.adobe.com/xap/1.0/rights/"
_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
_ORIENTATION = re.compile(rb"""(tiff:Orientation(?:\s*=\s*["']|\s*>\s*))([0-9])""")
_EMPTY = f'<x:xmpmeta xmlns:x="{_META}"><rdf:RDF xmlns:rdf="{_RDF}"/></x:xmpmeta>'.encode()
_BEGIN = '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>\n'.encode()
_END = b'\n<?xpacket end="w"?>'


@dataclass(frozen=True)
class HistoryEntry:
    """What was done to a photo (XMP's ResourceEvent): by which program, when, and how.

    `terms` is a sentence for the photo's usage terms (XMP rights management schema), "" for none.
    """

    software: str
    parameters: str
    when: datetime
    action: str = "edited"
    terms: str = ""


def orientation_of(xmp: bytes) -> int:
    """The EXIF orientation that an XMP packet tells, 1 where it tells none."""
    found = _ORIENTATION.search(xmp)
    return int(found[2]) if found else 1


def upright_xmp(xmp: bytes) -> bytes:
    """The same packet with orientation 1."""
    return _ORIENTATION.sub(rb"\g<1>1", xmp)


def with_history(xmp: bytes, entry: HistoryEntry) -> bytes:
    """The packet (none where empty) with one more entry in its history, and its terms behind those that are there;
    all else in it is kept.

    Raises ValueError for a packet that is not well-formed.
    """
    from lxml import etree  # here, for it takes a moment and is needed for writing alone

    parser = etree.XMLParser(resolve_entities=False, no_network=True, remove_blank_text=False)
    try:
        root = etree.fromstring(xmp.strip(b"\0 \t\r\n") or _EMPTY, parser)
    except etree.XMLSyntaxError as error:
        raise ValueError(str(error)) from error
    rdf = root if root.tag == f"{{{_RDF}}}RDF" else root.find(f"{{{_RDF}}}RDF")
    if rdf is None:
        raise ValueError("no RDF in the packet")
    history = rdf.find(f"{{{_RDF}}}Description/{{{_MM}}}History/{{{_RDF}}}Seq")
    if history is None:
        description = _description(rdf, {"xmpMM": _MM, "stEvt": _EVENT})
        history = etree.SubElement(etree.SubElement(description, f"{{{_MM}}}History"), f"{{{_RDF}}}Seq")
    event = etree.SubElement(history, f"{{{_RDF}}}li", {f"{{{_RDF}}}parseType": "Resource"}, {"stEvt": _EVENT})
    for name, text in (
        ("action", entry.action),
        ("when", entry.when.isoformat(timespec="seconds")),
        ("softwareAgent", entry.software),
        ("parameters", entry.parameters),
        ("changed", "/"),
    ):
        etree.SubElement(event, f"{{{_EVENT}}}{name}").text = text
    if entry.terms:
        _add_terms(rdf, entry.terms)
    return _BEGIN + etree.tostring(root, encoding="utf-8") + _END


def _add_terms(rdf: Any, terms: str) -> None:
    from lxml import etree

    alternatives = rdf.find(f"{{{_RDF}}}Description/{{{_RIGHTS}}}UsageTerms/{{{_RDF}}}Alt")
    if alternatives is None:
        description = _description(rdf, {"xmpRights": _RIGHTS})
        usage = etree.SubElement(description, f"{{{_RIGHTS}}}UsageTerms")
        alternatives = etree.SubElement(usage, f"{{{_RDF}}}Alt")
    languages = [each for each in alternatives if each.get(_LANGUAGE) == "x-default"]
    default = (languages or [etree.SubElement(alternatives, f"{{{_RDF}}}li", {_LANGUAGE: "x-default"})])[0]
    told = default.text or ""
    if terms not in told:
        default.text = f"{told}\n{terms}".strip()


def _description(rdf: Any, names: dict[str, str]) -> Any:
    """One more description of the same resource, with these prefixes of names."""
    from lxml import etree

    return etree.SubElement(rdf, f"{{{_RDF}}}Description", {f"{{{_RDF}}}about": _about(rdf)}, names)


def _about(rdf: Any) -> str:
    """The name of the resource described, which all descriptions of a packet share."""
    first = rdf.find(f"{{{_RDF}}}Description")
    return "" if first is None else str(first.get(f"{{{_RDF}}}about", ""))
