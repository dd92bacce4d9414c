"""What lies in an evaluation's folder: its documents and files, read into `Inputs` or problems.

Everything that can be understood is loaded, also where it has faults, so that one fault does not
hide the next; where there is any, nothing may be concluded from what was loaded.
"""

from evalkit.folder.checking import Checked, check, tracks_in
from evalkit.folder.crosswalks import DRAFTABLE, remind_of_drafts
from evalkit.folder.documents import located, readable
from evalkit.folder.founding import lay_out, lay_out_drafted, lay_out_track
from evalkit.folder.inputs import DATABASE, MARGINS, Folder
from evalkit.folder.loaded import Loaded, ReadFile
from evalkit.folder.simulated import lay_out_simulated, preset_of
from evalkit.folder.tracks import ORDER, UP, seen_from_the_street, street_of

__all__ = [
    "DATABASE",
    "DRAFTABLE",
    "MARGINS",
    "ORDER",
    "UP",
    "Checked",
    "Folder",
    "Loaded",
    "ReadFile",
    "check",
    "lay_out",
    "lay_out_drafted",
    "lay_out_simulated",
    "lay_out_track",
    "located",
    "preset_of",
    "readable",
    "remind_of_drafts",
    "seen_from_the_street",
    "street_of",
    "tracks_in",
]
