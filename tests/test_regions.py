"""Faces that a photo's XMP data names stay on the faces when the photo is turned upright."""

import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.photo import read_photo
from core.photos.picture import upright
from core.photos.regions import upright_regions

PACKET = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:mwg-rs="http://www.metadataworkinggroup.com/schemas/regions/"
 xmlns:stDim="http://ns.adobe.com/xap/1.0/sType/Dimensions#" xmlns:stArea="http://ns.adobe.com/xmp/sType/Area#"
 xmlns:MP="http://ns.microsoft.com/photo/1.2/" xmlns:MPRI="http://ns.microsoft.com/photo/1.2/t/RegionInfo#"
 xmlns:MPReg="http://ns.microsoft.com/photo/1.2/t/Region#">
<mwg-rs:Regions rdf:parseType="Resource"><mwg-rs:AppliedToDimensions stDim:w="{}" stDim:h="{}" stDim:unit="pixel"/>
<mwg-rs:RegionList><rdf:Bag>
<rdf:li rdf:parseType="Resource"><mwg-rs:Name>Anna</mwg-rs:Name>
<mwg-rs:Area stArea:x="0.3" stArea:y="0.25" stArea:w="0.2" stArea:h="0.5" stArea:unit="normalized"/></rdf:li>
<rdf:li rdf:parseType="Resource"><mwg-rs:Name>Otto</mwg-rs:Name><mwg-rs:Area rdf:parseType="Resource">
<stArea:x>0.3</stArea:x><stArea:y>0.25</stArea:y><stArea:w>0.2</stArea:w><stArea:h>0.5</stArea:h>
</mwg-rs:Area></rdf:li></rdf:Bag></mwg-rs:RegionList></mwg-rs:Regions>
<MP:RegionInfo rdf:parseType="Resource"><MPRI:Regions><rdf:Bag>
<rdf:li MPReg:Rectangle="0.2, 0, 0.2, 0.5" MPReg:PersonDisplayName="Anna"/>
</rdf:Bag></MPRI:Regions></MP:RegionInfo>
</rdf:Description></rdf:RDF></x:xmpmeta>
<?xpacket end="w"?>"""


def packet(width: int = 40, height: int = 20) -> bytes:
    return PACKET.format(width, height).encode()


def boxes(xmp: bytes) -> list[list[float]]:
    """Left, top, width and height of each region."""
    text = xmp.decode()
    areas = [
        [float(re.search(f'stArea:{name}[>=]"?([0-9.]+)', part)[1]) for name in "xywh"]
        for part in text.split("<mwg-rs:Name>")[1:]
    ]
    corner = [float(value) for value in re.search('Rectangle="([^"]+)"', text)[1].split(",")]
    return [*([x - w / 2, y - h / 2, w, h] for x, y, w, h in areas), corner]


@pytest.mark.parametrize("orientation", range(1, 9))
def test_named_faces_are_turned_with_the_photo(tmp_path: Path, orientation: int) -> None:
    stored = np.zeros((20, 40, 3), np.uint8)
    stored[0:10, 8:16] = 255  # the face
    exif = Image.Exif()
    exif[0x0112] = orientation
    Image.fromarray(stored).save(tmp_path / "photo.webp", lossless=True, exif=exif, xmp=packet())
    photo = read_photo(tmp_path / "photo.webp")
    rows, columns = np.nonzero(upright(stored, orientation)[..., 0])
    height, width = photo.rgb.shape[:2]
    size = (np.ptp(columns) + 1) / width, (np.ptp(rows) + 1) / height
    face = (columns.min() / width, rows.min() / height, *size)
    for box in boxes(photo.metadata["xmp"]):
        np.testing.assert_allclose(box, face, atol=1e-6)
    text = photo.metadata["xmp"].decode()
    assert f'stDim:w="{width}" stDim:h="{height}"' in text
    assert "Anna" in text
    assert text.count("<?xpacket") == 2


@pytest.mark.parametrize(
    "xmp",
    [
        packet(20, 40),  # of a program that looked at the upright picture
        packet().replace(b"</rdf:RDF>", b""),
        b"<x/>",
    ],
)
def test_other_packets_stay_as_they_are(xmp: bytes) -> None:
    assert upright_regions(xmp, 6, (20, 40)) == xmp


def test_what_is_no_number_stops_nothing() -> None:
    xmp = packet().replace(b'"0.2, 0, 0.2, 0.5"', b'"none"').replace(b'stArea:x="0.3"', b'stArea:x="left"')
    turned = upright_regions(xmp, 6, (20, 40)).decode()
    assert 'Rectangle="none"' in turned
    assert b"stArea:z" in upright_regions(packet().replace(b"stArea:y=", b"stArea:z="), 6, (20, 40))
    assert "<stArea:x>0.75</stArea:x>" in turned
