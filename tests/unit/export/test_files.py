import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sbd.errors import CancelledError, OutputError
from sbd.export.files import export_files
from sbd.export.formats import Format
from sbd.model.sheet import Sheet, SheetTable

try:
    import resource
except ImportError:  # Windows has none
    resource = None

SUMMARY = {"verdict": "holds on condition", "cost": (24_000.0, np.inf), "units": np.int64(12)}
WORDS = "The square can be closed.\nIt takes twelve units."

BILL = Sheet(
    name="bill",
    title="Bill",
    facts=(),
    tables=(SheetTable("Bill", pd.DataFrame({"item": ["post"]})),),
)

FILES = {
    Format.GEOJSON: ["placement.geojson", "footprints.geojson", "lines.geojson"],
    Format.GPKG: ["proposal.gpkg"],
    Format.MAP: ["map.html"],
    Format.SUMMARY: ["summary.json", "summary.txt"],
    Format.SHEETS: ["bill.xlsx", "bill.html"],
    Format.CERTIFICATE: ["certificate.json"],
    Format.RASTER: ["speed_N1.tif", "energy_N1.tif", "speed_N2A.tif", "energy_N2A.tif"],
}


def listed(folder):
    return sorted(path.name for path in folder.iterdir())


def export(proposal, folder, **options):
    documents = {"sheets": [BILL], "certificate": {"bound": np.inf, "gaps": [1.2]}}
    given = {"summary": SUMMARY, "summary_text": WORDS, **documents, **options}
    return export_files(proposal, folder, **given)


def test_every_format_gives_its_files_and_nothing_else(proposal, tmp_path):
    written = export(proposal, tmp_path / "new" / "folder")
    assert [path.name for path in written] == [name for names in FILES.values() for name in names]
    assert listed(tmp_path / "new" / "folder") == sorted(path.name for path in written)


@pytest.mark.parametrize("chosen", [Format.GEOJSON, Format.SUMMARY])
def test_one_format_gives_its_files_only(proposal, tmp_path, chosen):
    export(proposal, tmp_path, formats=[chosen])
    assert listed(tmp_path) == sorted(FILES[chosen])


def test_a_format_is_known_by_its_word(proposal, tmp_path):
    words = ["geojson", "gpkg", "map", "summary", "sheets", "certificate", "raster"]
    assert [str(name) for name in Format] == words
    export(proposal, tmp_path, formats=["summary"])
    assert listed(tmp_path) == ["summary.json", "summary.txt"]


def test_a_proposal_from_a_file_has_no_raster(tmp_path, build_proposal):
    assert export(build_proposal(with_fields=False), tmp_path, formats=[Format.RASTER]) == []
    assert listed(tmp_path) == []


def test_a_plan_without_sheets_or_certificate_has_no_files_of_them(proposal, tmp_path):
    wanted = [Format.SHEETS, Format.CERTIFICATE]
    assert export(proposal, tmp_path, formats=wanted, sheets=(), certificate=None) == []


def test_a_certificate_is_strict_json(proposal, tmp_path):
    export(proposal, tmp_path, formats=[Format.CERTIFICATE])
    found = json.loads((tmp_path / "certificate.json").read_text(encoding="utf-8"))
    assert found == {"bound": None, "gaps": [1.2]}


def test_the_summary_is_strict_json_and_plain_words(proposal, tmp_path):
    export(proposal, tmp_path, formats=[Format.SUMMARY])
    found = json.loads((tmp_path / "summary.json").read_text(encoding="utf-8"))
    assert found == {"verdict": "holds on condition", "cost": [24_000.0, None], "units": 12}
    assert (tmp_path / "summary.txt").read_text(encoding="utf-8") == WORDS + "\n"


def test_a_cancelled_export_keeps_whole_files_only(proposal, tmp_path):
    def stop(stage, share, note):
        if share > 0:
            raise CancelledError("enough")

    with pytest.raises(CancelledError):
        export(proposal, tmp_path, formats=[Format.GEOJSON, Format.SUMMARY], progress=stop)
    assert listed(tmp_path) == sorted(FILES[Format.GEOJSON])


def test_a_folder_that_is_a_file_is_named_in_one_line(proposal, tmp_path):
    (tmp_path / "out").write_text("in the way")
    with pytest.raises(OutputError) as caught:
        export(proposal, tmp_path / "out")
    assert str(tmp_path / "out") in str(caught.value)
    assert "\n" not in str(caught.value)
    assert (tmp_path / "out").read_text() == "in the way"


# No file of this process may grow beyond a limit: whoever writes more fails half way, as on a full
# disk. A database of 450 kB is stopped at its first page and in the midst of its layers.
FULL_DISK = """
import resource, signal, sys
sys.path.insert(0, sys.argv[1])
import conftest
from sbd.errors import OutputError
from sbd.export.files import export_files
from sbd.export.formats import Format
from sbd.model.sheet import Sheet
proposal = conftest.build_proposal()
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
for wanted, limit in [*((name, 400) for name in Format), (Format.GPKG, 200_000)]:
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
    try:
        summary = {"words": "x" * 1000}
        documents = {"sheets": [Sheet("bill", "Bill", (), ())], "certificate": summary}
        given = {"summary": summary, "summary_text": "", **documents}
        export_files(proposal, sys.argv[2], formats=[wanted], **given)
    except OutputError as error:
        print(wanted, "|", error)
"""


@pytest.mark.skipif(resource is None, reason="this system sets no limit on the size of files")
def test_a_disk_that_fills_up_leaves_no_half_file(tmp_path):
    out = tmp_path / "out"
    run = subprocess.run(
        [sys.executable, "-c", FULL_DISK, Path(__file__).parent, out],
        capture_output=True,
        text=True,
        check=False,
    )
    failed = [line.split(" | ")[0] for line in run.stdout.splitlines()]
    assert failed == [*map(str, Format), "gpkg"], run.stderr
    assert listed(out) == []
