"""Compiles the .proto files of this folder: `python -m graphtools.schema.compile`.

Needs `grpcio-tools` (in the extra `test`). The result, one `.binpb` file (a serialized
`FileDescriptorProto`) beside each `.proto`, is package data; a test fails when it is stale.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent


def compiled(proto: Path) -> bytes:
    """The serialized FileDescriptorProto of one .proto file of this folder."""
    from google.protobuf import descriptor_pb2

    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "set.binpb"
        # a process of its own: the compiler crashes where TensorFlow was imported before
        subprocess.run(
            [
                *(sys.executable, "-m", "grpc_tools.protoc"),
                f"--proto_path={HERE.parent.parent}",
                f"--descriptor_set_out={target}",
                f"graphtools/schema/{proto.name}",
            ],
            check=True,
        )
        files = descriptor_pb2.FileDescriptorSet.FromString(target.read_bytes())
    return bytes(files.file[0].SerializeToString(deterministic=True))


def main() -> None:
    """Compile every .proto file of this folder."""
    for proto in sorted(HERE.glob("*.proto")):
        proto.with_suffix(".binpb").write_bytes(compiled(proto))


if __name__ == "__main__":
    main()
