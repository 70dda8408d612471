"""What the README shows is what happens."""
import re
import subprocess
import sys
from pathlib import Path

import pytest

README = Path(__file__).parent.parent / "README.md"
HEADER = Path(__file__).parent.parent.parent.parent / "Sources/CHashDB/include/hashdb.h"


def test_the_quick_start_prints_what_it_says(tmp_path):
    text = README.read_text()
    program, output = re.search(r"```python\n(.*?)```\s+```text\n(.*?)```", text, re.S).groups()
    (tmp_path / "quickstart.py").write_text(program)
    result = subprocess.run([sys.executable, "quickstart.py"], cwd=tmp_path, capture_output=True, text=True)
    assert result.stderr == "" and result.stdout == output


@pytest.mark.skipif(not HEADER.exists(), reason="this is not the repository")
def test_functions_are_declared_as_in_the_header():
    from hashdb._library import _FUNCTIONS

    header = re.sub(r"/\*.*?\*/", "", HEADER.read_text(), flags=re.S)
    declared = {name: arguments for name, arguments in re.findall(r"^int (hashdb_\w+)\(\s*(.*?)\);", header, re.S | re.M)}
    assert declared.keys() == _FUNCTIONS.keys()
    for name, arguments in declared.items():
        # The last one is the error, which all have.
        assert len(arguments.split(",")) == len(_FUNCTIONS[name]) + 1, name
