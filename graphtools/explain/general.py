"""What status codes and exception classes mean in general: for messages that nobody knows."""

from __future__ import annotations

from typing import NamedTuple

from graphtools.explain.normal import message_of

#: By class: what it says, and where to look first.
_MEANINGS = {
    "InvalidArgumentError": (
        "an op got a value, shape or type that it does not take; the node behind the message says "
        "which op",
        "look at the shapes and types on the way to that node, with what you feed",
    ),
    "NotFoundError": (
        "a file, a name in a checkpoint, an op or a resource is not there",
        "compare the name in the message with what is there: paths hold from the current folder",
    ),
    "FailedPreconditionError": (
        "something was to be done before: variables initialized or restored, tables filled, a file "
        "is a folder",
        "restore or initialize before running, or freeze the graph with its checkpoint",
    ),
    "OutOfRangeError": (
        "something came to its end: a queue or dataset without more elements, a file that is "
        "shorter than it should be",
        "look at the first error of the log; a queue that is empty mostly means that reading "
        "failed",
    ),
    "UnimplementedError": (
        "there is no kernel for this op with these types or on this device",
        "take another type, layout (NHWC on a CPU) or device, or cut the node off",
    ),
    "ResourceExhaustedError": (
        "memory or disk is full",
        "make the batch or the images smaller, and end other processes on the GPU",
    ),
    "InternalError": (
        "TensorFlow or a library under it (CUDA, cuDNN, a driver) failed inside",
        "look at the lines before it; on a GPU at memory and at the releases of CUDA and cuDNN",
    ),
    "UnknownError": (
        "a library under TensorFlow failed without a code: cuDNN that does not start, a file "
        "system, a Python function",
        "look at the lines before it",
    ),
    "DataLossError": (
        "a file is damaged, cut off, or of another kind than it is read as",
        "see what the file is, and copy or write it anew",
    ),
    "UnavailableError": (
        "another process or machine does not answer (a TPU worker, a server of the cluster)",
        "look at its address, its log and the network",
    ),
    "AbortedError": (
        "an operation was ended by another one that failed",
        "look at the first error",
    ),
    "CancelledError": ("it was ended since something else failed", "look at the first error"),
    "DeadlineExceededError": (
        "something took longer than its time limit",
        "see what it waits for: an empty queue, a worker that does not answer",
    ),
    "PermissionDeniedError": (
        "a file or folder may not be read or written by this user",
        "give one that may, or change its rights",
    ),
    "AlreadyExistsError": (
        "a name is given twice: a resource, a file, an op or metric that two packages register",
        "see what the two are; of packages, install one release of each",
    ),
    "AttributeError": (
        "a thing is of another kind or of another release than the program expects",
        "print what it is and the release (__version__); None means that a call before it failed",
    ),
    "TypeError": (
        "a call got other arguments than it takes: of another type, or of another release",
        "compare the call with the documentation of the release that is installed",
    ),
    "ValueError": (
        "a value, shape or name does not fit what is called",
        "read which one the message names, and print it before the call",
    ),
    "KeyError": (
        "a name is not in a dictionary: an op, a column, a label, a signature",
        "print the keys that are there, and look at the line above it in the traceback",
    ),
    "IndexError": ("a list is shorter than the program counts on", "print its length before"),
    "ImportError": (
        "a package or a part of it does not load",
        "look at the last line of the first traceback: a library, a name or another release",
    ),
    "ModuleNotFoundError": (
        "a package is not installed in the Python that runs this",
        "install it with that very Python: python -m pip install",
    ),
    "FileNotFoundError": ("a file is not there", "paths hold from the current folder"),
    "UnicodeDecodeError": (
        "a binary file is read as text, or a text in another encoding",
        "open models with 'rb', and texts with encoding='utf-8'",
    ),
    "AssertionError": (
        "the program counts on something that does not hold",
        "read the line of the assertion in the traceback",
    ),
    "NotImplementedError": ("the program has no such case", "see what it names as possible"),
    "RecursionError": ("a function calls itself without end", "look at the last lines before it"),
    "MemoryError": ("memory is full", "make the data or the batch smaller"),
    "RuntimeError": (
        "what runs below failed; its own words stand in the message",
        "read the lines before it",
    ),
    "DecodeError": (
        "bytes are no message of the type that is expected: the file is of another kind or broken",
        "see what the file is",
    ),
    "ParseError": (
        "a text file (configuration, label map, .pbtxt) breaks its grammar at the line:column that "
        "is named",
        "open it there",
    ),
    "IllegalArgumentException": (
        "the application gave TFLite something that the model does not take: a file, a shape, a "
        "type",
        "print inputs and outputs of the model and compare them with the buffers of the app",
    ),
    "NullPointerException": (
        "something of the application is not there yet: the interpreter, mostly since loading "
        "failed",
        "look at the first exception",
    ),
    "IllegalStateException": (
        "a call came at the wrong time: the interpreter is closed or not ready",
        "make one interpreter and close it last",
    ),
    "UnsatisfiedLinkError": (
        "the library of TFLite is not in the application for this processor",
        "add the dependency, and its ABI, to the build",
    ),
}


class GeneralMeaning(NamedTuple):
    """What a code, a class or an op says in general.

    Attributes:
        name: The code, class or op.
        meaning: What it says: a clause.
        cure: Where to look first: a clause; empty where there is nothing to say.
        command: Command line of graphtools that helps to look; empty if none does.
    """

    name: str
    meaning: str
    cure: str
    command: str


def meanings(text: str) -> tuple[GeneralMeaning, ...]:
    """What is known in general of the code, exception and op of a message."""
    message = message_of(text)
    found = []
    for name in dict.fromkeys((message.code, message.exception)):
        if name in _MEANINGS:
            meaning, cure = _MEANINGS[name]
            found.append(GeneralMeaning(name, meaning, cure, ""))
    if message.node:
        of_op = f", a node of the op {message.op}" if message.op else ""
        command = f"graphtools node GRAPH {message.node.rstrip(':')}"
        told = f"it speaks of {message.node}{of_op}"
        if message.scope in ("save", "save_1"):
            told += ", which writes or restores a checkpoint"
        elif message.scope == "gradients":
            told += ", which computes gradients: the node that it mirrors stands without gradients/"
        found.append(GeneralMeaning(message.node, told, "", command))
    return tuple(found)
