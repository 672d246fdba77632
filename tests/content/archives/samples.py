"""Archives in the shape of the real ones, made on the spot."""

import hashlib
import io
import tarfile
import zipfile
from collections.abc import Mapping
from html import escape

NULL = "$@NULL@$"


def zipped(members: Mapping[str, bytes | str]) -> bytes:
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return output.getvalue()


def gzipped(members: Mapping[str, bytes | str], *odd: tarfile.TarInfo) -> bytes:
    output = io.BytesIO()
    with tarfile.open(fileobj=output, mode="w:gz") as archive:
        for name, content in members.items():
            raw = content.encode() if isinstance(content, str) else content
            info = tarfile.TarInfo(name)
            info.size = len(raw)
            archive.addfile(info, io.BytesIO(raw))
        for info in odd:
            archive.addfile(info)
    return output.getvalue()


class Backup:
    """A Moodle course backup: sections, activities and files as Moodle writes them."""

    def __init__(self, *, course: int = 15, site: str = "http://moodle.example") -> None:
        self.course, self.site = course, site
        self.sections: list[str] = []
        self.activities: list[str] = []
        self.files: list[str] = []
        self.members: dict[str, bytes | str] = {}

    def section(
        self,
        number: int,
        name: str = NULL,
        summary: str = "",
        *,
        visible: int = 1,
        availability: str = NULL,
        more: str = "",
    ) -> None:
        place = f"sections/section_{number}"
        self.sections.append(f"<section><sectionid>{number}</sectionid><directory>{place}</directory></section>")
        self.members[f"{place}/section.xml"] = (
            f'<section id="{number}"><number>{number}</number><name>{name}</name><summary>{escape(summary)}</summary>'
            f"<summaryformat>1</summaryformat><visible>{visible}</visible>"
            f"<availabilityjson>{escape(availability)}</availabilityjson>{more}</section>"
        )

    def activity(
        self,
        module: str,
        number: int,
        title: str,
        record: str = "",
        *,
        section: int = 1,
        visible: int = 1,
        on_page: int = 1,
        availability: str = NULL,
        instance: int = 1,
    ) -> None:
        place = f"activities/{module}_{number}"
        self.activities.append(
            f"<activity><moduleid>{number}</moduleid><sectionid>{section}</sectionid><modulename>{module}</modulename>"
            f"<title>{title}</title><directory>{place}</directory></activity>"
        )
        self.members[f"{place}/{module}.xml"] = (
            f'<activity id="{instance}" moduleid="{number}" modulename="{module}" contextid="{number + 1000}">'
            f'<{module} id="{instance}"><name>{title}</name>{record}</{module}></activity>'
        )
        self.members[f"{place}/module.xml"] = (
            f'<module id="{number}"><visible>{visible}</visible><visibleoncoursepage>{on_page}</visibleoncoursepage>'
            f"<availability>{escape(availability)}</availability></module>"
        )

    def file(self, module: str, number: int, name: str, content: bytes, *, main: bool = True) -> None:
        sha1 = hashlib.sha1(content).hexdigest()
        self.files.append(
            f"<file><contenthash>{sha1}</contenthash><contextid>{number + 1000}</contextid>"
            f"<component>mod_{module}</component><filearea>content</filearea><itemid>0</itemid><filepath>/</filepath>"
            f"<filename>{name}</filename><sortorder>{int(main)}</sortorder></file>"
        )
        self.members[f"files/{sha1[:2]}/{sha1}"] = content

    def all_members(self) -> dict[str, bytes | str]:
        manifest = (
            '<?xml version="1.0" encoding="UTF-8"?><moodle_backup><information>'
            f"<original_wwwroot>{self.site}</original_wwwroot>"
            "<original_site_identifier_hash>0123456789abcdef0123</original_site_identifier_hash>"
            f"<original_course_id>{self.course}</original_course_id>"
            "<original_course_fullname>Botany</original_course_fullname><contents>"
            f"<activities>{''.join(self.activities)}</activities><sections>{''.join(self.sections)}</sections>"
            "</contents></information></moodle_backup>"
        )
        return self.members | {"moodle_backup.xml": manifest, "files.xml": f"<files>{''.join(self.files)}</files>"}

    def mbz(self) -> bytes:
        return gzipped(self.all_members())


def html(name: str, words: str, format: int = 1) -> str:
    return f"<{name}>{escape(words)}</{name}><{name}format>{format}</{name}format>"


CARTRIDGE = {
    "imsmanifest.xml": """<manifest identifier="cc1" xmlns="http://www.imsglobal.org/xsd/imsccv1p1/imscp_v1p1"
 xmlns:lomimscc="http://ltsc.ieee.org/xsd/imsccv1p1/LOM/manifest" xmlns:lom="http://ltsc.ieee.org/xsd/imsccv1p1/LOM/resource">
<metadata><schema>IMS Common Cartridge</schema><schemaversion>1.1.0</schemaversion><lomimscc:lom><lomimscc:general>
<lomimscc:title><lomimscc:string>Botany</lomimscc:string></lomimscc:title></lomimscc:general></lomimscc:lom></metadata>
<organizations><organization identifier="o" structure="rooted-hierarchy"><item identifier="root">
<item identifier="w1"><title>Week 1</title>
<item identifier="i1" identifierref="r1"><title>Leaves</title></item>
<item identifier="i2" identifierref="r2"><title>A site</title></item>
<item identifier="i3" identifierref="r3"><title>Your question</title></item>
<item identifier="i4" identifierref="r4"><title>Leaf quiz</title></item>
<item identifier="i5" identifierref="r5"><title>Handout</title></item>
<item identifier="i6" identifierref="r6"><title>Notes for teachers</title></item>
<item identifier="i7" identifierref="r7"><title>Lost</title></item></item></item></organization></organizations>
<resources><resource identifier="r1" type="webcontent" href="pages/leaves.html">
<file href="pages/leaves.html"/></resource>
<resource identifier="r2" type="imswl_xmlv1p1"><file href="links/a.xml"/></resource>
<resource identifier="r3" type="imsdt_xmlv1p1"><file href="topics/a.xml"/></resource>
<resource identifier="r4" type="imsqti_xmlv1p2/imscc_xmlv1p1/assessment"><file href="quiz/a.xml"/></resource>
<resource identifier="r5" type="webcontent" href="files/hand%20out.txt"><file href="files/hand%20out.txt"/></resource>
<resource identifier="r6" type="webcontent" href="pages/t.html"><metadata><lom:lom><lom:educational>
<lom:intendedEndUserRole><lom:value>Instructor</lom:value></lom:intendedEndUserRole>
</lom:educational></lom:lom></metadata>
<file href="pages/t.html"/></resource>
<resource identifier="r7" type="webcontent" href="files/lost.pdf"><file href="files/lost.pdf"/></resource>
</resources></manifest>""",
    "pages/leaves.html": "<h1>Leaves</h1><p>Leaves are green.</p>",
    "pages/t.html": "<p>The key to the quiz.</p>",
    "links/a.xml": '<webLink xmlns="http://www.imsglobal.org/xsd/imsccv1p1/imswl_v1p1"><title>Plants</title>'
    '<url href="https://plants.example/a?b=1&amp;c=2"/></webLink>',
    "topics/a.xml": '<topic xmlns="http://www.imsglobal.org/xsd/imsccv1p1/imsdt_v1p1"><title>T</title>'
    '<text texttype="text/html">&lt;p&gt;Which plant is yours?&lt;/p&gt;</text></topic>',
    "quiz/a.xml": "<questestinterop><assessment><item><presentation>SECRET QUESTION</presentation></item></assessment>"
    "</questestinterop>",
    "files/hand out.txt": "Stomata open in the light.",
}
