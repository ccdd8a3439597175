"""Compiles the .proto files of graphtools/schema: `python -m tests.builders.schema`.

Needs `grpcio-tools` (in the extra `test`). The result, one `.binpb` file (a serialized
`FileDescriptorProto`) beside each `.proto`, is package data; a test fails when it is stale.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from tests.support import ROOT

FOLDER = ROOT / "graphtools" / "schema"


def compiled(proto: Path) -> bytes:
    """The serialized FileDescriptorProto of one .proto file of the folder."""
    from google.protobuf import descriptor_pb2

    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "set.binpb"
        # a process of its own: the compiler crashes where TensorFlow was imported before
        subprocess.run(
            [
                *(sys.executable, "-m", "grpc_tools.protoc"),
                f"--proto_path={ROOT}",
                f"--descriptor_set_out={target}",
                f"graphtools/schema/{proto.name}",
            ],
            check=True,
        )
        files = descriptor_pb2.FileDescriptorSet.FromString(target.read_bytes())
    return bytes(files.file[0].SerializeToString(deterministic=True))


def main() -> None:
    """Compile every .proto file of the folder."""
    for proto in sorted(FOLDER.glob("*.proto")):
        proto.with_suffix(".binpb").write_bytes(compiled(proto))


if __name__ == "__main__":
    main()
