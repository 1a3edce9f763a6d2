"""What is made is there completely or not at all."""

import subprocess
import sys

import pytest

from launcher import files
from launcher.errors import SetupError


def test_a_folder_appears_when_all_is_in_it(tmp_path):
    folder = tmp_path / "made"
    with files.whole_folder(folder, "v1") as part:
        (part / "file").write_text("x")
        assert not folder.exists()
    assert files.stamp_of(folder) == "v1"
    assert (folder / "file").read_text() == "x"


def test_a_folder_whose_making_failed_does_not_appear_and_can_be_made_again(tmp_path):
    folder = tmp_path / "made"
    with pytest.raises(KeyboardInterrupt), files.whole_folder(folder, "v1") as part:
        (part / "half").write_text("x")
        raise KeyboardInterrupt
    assert not folder.exists()
    with files.whole_folder(folder, "v1"):
        assert not (part / "half").exists()
    assert files.stamp_of(folder) == "v1"


def test_the_old_folder_stays_until_the_new_one_is_complete(tmp_path):
    folder = tmp_path / "made"
    with files.whole_folder(folder, "v1"):
        pass
    with pytest.raises(ValueError), files.whole_folder(folder, "v2"):
        raise ValueError
    assert files.stamp_of(folder) == "v1"


def test_a_private_file_is_never_readable_by_others(tmp_path):
    path = tmp_path / "keys.json"
    files.write_whole(path, "{}", mode=0o600)
    assert path.stat().st_mode & 0o777 == 0o600


def test_too_little_room_is_said_before_the_work(tmp_path):
    with pytest.raises(SetupError, match="GB free"):
        files.check_room(tmp_path, 10**18)


def test_a_lock_keeps_other_processes_out_until_it_is_released(tmp_path):
    path = tmp_path / "lock"
    ask = (
        "import sys; from launcher.files import Lock;"
        f"sys.exit(0 if Lock({str(path)!r}).take(wait=False) else 1)"
    )
    lock = files.Lock(path)
    assert lock.take()
    assert subprocess.run([sys.executable, "-c", ask], check=False).returncode == 1
    lock.release()
    assert subprocess.run([sys.executable, "-c", ask], check=False).returncode == 0
