"""Puts one version of the model into the store: fetched once, verified, and named last, so that no half of it is ever read."""
import hashlib
import json
import os
import sys
import tempfile
import urllib.request
from pathlib import Path

MAXIMUM = 8 * 1024 * 1024  # the API reads no larger one


def say(level: str, message: str, **more: object) -> None:
    print(json.dumps({"level": level, "message": message, **more}), flush=True)


def digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def fetch(source: str, target: Path, wanted: str) -> None:
    with urllib.request.urlopen(source, timeout=30) as answer:
        data = answer.read(MAXIMUM + 1)
    if len(data) > MAXIMUM:
        raise ValueError(f"{source} is larger than {MAXIMUM} bytes")
    found = hashlib.sha256(data).hexdigest()
    if found != wanted:
        raise ValueError(f"{source} has the SHA-256 {found}, not {wanted}")
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=".")
    with os.fdopen(handle, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    os.chmod(name, 0o644)
    os.replace(name, target)


def main() -> int:
    target = Path(os.environ.get("MODEL_PATH", ""))
    wanted = os.environ.get("MODEL_SHA256", "").lower()
    source = os.environ.get("MODEL_SOURCE", "")
    if target.parts[:2] != ("/", "models") or ".." in target.parts or len(wanted) != 64:
        say("error", "MODEL_PATH must be a file below /models, and MODEL_SHA256 its 64 hex digits")
        return 1
    if target.is_file() and digest(target) == wanted:
        say("info", "the model is there", path=str(target), sha256=wanted)
        return 0
    if not source:
        say("error", "the model is missing or damaged, and MODEL_SOURCE names no place to fetch it from", path=str(target))
        return 1
    try:
        fetch(source, target, wanted)
    except (OSError, ValueError) as error:
        say("error", "the model was not put into the store", path=str(target), reason=str(error))
        return 1
    say("info", "the model was put into the store", path=str(target), sha256=wanted, source=source)
    return 0


if __name__ == "__main__":
    sys.exit(main())
