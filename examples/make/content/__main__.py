"""`python -m examples.make.content`: makes everything of tests/data/content that is not written by hand.

Made again without a change it is the same, byte by byte.
"""

from pathlib import Path

from examples.make.content.clips import make_clips
from examples.make.content.documents import make_documents
from examples.make.content.office import make_decks
from examples.make.content.office import make_documents as make_office_documents
from examples.make.content.pictures import make_pictures
from examples.make.content.recordings import make_recordings
from examples.make.content.scans import make_scans
from examples.make.content.sheets import make_sheets
from examples.make.content.site import make_site
from examples.make.content.slides import make_slides

CONTENT = Path(__file__).parents[3] / "tests" / "data" / "content"


def main() -> None:
    knowledge = CONTENT / "knowledge"
    make_documents(knowledge / "documents")
    make_office_documents(knowledge / "documents")
    make_scans(knowledge / "scans")
    make_slides(knowledge / "slides")
    make_decks(knowledge / "decks")
    make_sheets(knowledge / "tables")
    make_pictures(knowledge / "pictures")
    make_site(CONTENT / "site")
    spoken = make_recordings(knowledge / "recordings") | make_clips(knowledge / "clips")
    # Questions name the seconds in which their answer is said.
    for name, speech in spoken.items():
        print(name)
        for line in speech.lines:
            print(f"  {line.start:5.1f} to {line.end:5.1f}  {line.text}")


if __name__ == "__main__":
    main()
