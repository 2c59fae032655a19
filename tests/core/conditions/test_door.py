"""The door stays light: who asks no columns loads no numpy."""

import subprocess
import sys


def test_reading_and_matching_need_no_numpy() -> None:
    program = (
        "import sys\n"
        "from expedit.core import *\n"
        "words = Vocabulary({'stock': Field('number')})\n"
        "assert compile_matcher(read_condition({'stock': {'$gt': 1}}, words))({'stock': 2}, 0)\n"
        "sys.exit('numpy' in sys.modules)\n"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
