"""TFLite Micro: arenas, operators and types on microcontrollers."""

from graphtools.explain.known_errors._entry import GENERAL, KnownError, tensorflow

_SIZE = "graphtools size MODEL.tflite"

ERRORS = (
    KnownError(
        "micro-api-changed",
        (
            "MicroInterpreter",
            "MicroErrorReporter",
            "micro_error_reporter.h",
            "MicroMutableOpResolver",
        ),
        r"(?:no matching function for call to|was not declared|has no member named|No such file "
        r"or directory|undefined reference)[^\n]{0,120}?(?P<name>MicroInterpreter|"
        r"MicroErrorReporter|AllOpsResolver|MicroMutableOpResolver|micro_error_reporter\.h)|(?P<"
        r"file>micro_error_reporter\.h): No such file",
        "The program is written for another release of TFLite Micro ({name}{file}): the error "
        "reporter went in 2023, and the interpreter's arguments with it.",
        "take the example of the release that is installed: MicroPrintf, and "
        "MicroInterpreter(model, resolver, arena, size)",
        (),
        (),
    ),
    KnownError(
        "tensor-arena-too-small",
        (
            "Failed to allocate memory",
            "Failed to allocate tail memory",
            "Failed to allocate temp memory",
            "Arena size is too small",
            "bytes required",
            "Failed to resize buffer",
            "but only",
            "Failed starting model allocation",
        ),
        r"Failed to allocate (?:tail |temp )?memory(?:\. Requested: (?P<want>\d+), available "
        r"(?P<have>\d+))?|Arena size is too small for all buffers\. Needed "
        r"(?P<needed>\d+)[^\n]{0,20}? "
        r"only (?P<only>\d+)|\bNeeded (?P<bytes>\d+) but only (?P<given>\d+) was available"
        r"|Failed to (?:allocate|resize) \w[\w. >-]{0,80}?, (?P<required>\d+) bytes required"
        r"|Failed to resize buffer\. Requested: (?P<asked>\d+), available (?P<left>\d+)"
        r"|Failed starting model allocation",
        "The tensor arena is too small: {want}{needed}{bytes}{required}{asked:more} bytes are "
        "asked for and {have}{only}{given}{left:fewer} are left.",
        "make kTensorArenaSize larger (arena_used_bytes() tells afterwards what is needed); if the "
        "board has no more, take a smaller input or model, or int8",
        (_SIZE,),
        (
            *tensorflow(39673, 35794),
            "tensorflow/tflite-micro#1458",
            "tensorflow/tflite-micro#284",
            "HimaxWiseEyePlus/himax_tflm#18",
        ),
    ),
    KnownError(
        "micro-operator-not-registered",
        (
            "Missing registration for opcode",
            "register builtin op",
            "Failed to get registration from op code",
            "Didn't find op for builtin opcode",
        ),
        r"Didn't find op for builtin opcode '?(?P<op>\w+)'?[^\n]{0,200}\s+(?:.{0,200}?)Failed to "
        r"get "
        r"registration from op code|Failed to get registration from op code ?(?P<other>\w+)?"
        r"|Missing registration for opcode_index|Couldn't register builtin op|resolver size is "
        r"too small",
        "The resolver of the program has no {op}{other:operator of that code}: it was not added, "
        "or TFLite Micro has none (SHAPE, FLEX ops), or not of that version.",
        "call resolver.Add... for each operator of the model and make its number large enough "
        "(with || between the calls, not &&), or AllOpsResolver; update the library",
        ("graphtools summary MODEL.tflite", "graphtools compat GRAPH"),
        (
            *tensorflow(48720, 62651),
            "tensorflow/tflite-micro#2196",
            "espressif/esp-tflite-micro#99",
            "eloquentarduino/EloquentTinyML#69",
        ),
    ),
    KnownError(
        "schema-version-differs",
        ("schema version",),
        r"schema version (?P<have>\d+),? (?:is )?not equal to (?:supported )?(?:version "
        r")?(?P<want>\d+)",
        "The model says schema version {have} and the library wants {want}: what the program reads "
        "is no .tflite (a wrong array or address, not aligned), or the library is very old.",
        "see that the array is the whole file (xxd -i), aligned to 16 bytes, and is the one given",
        ("graphtools summary MODEL.tflite",),
    ),
    KnownError(
        "micro-hybrid-model",
        ("Hybrid models are not supported", "hybrid models are not supported", "with filter type"),
        r"[Hh]ybrid models are not supported|Input type: (?P<input>\w+) with filter type:? "
        r"(?P<filter>\w+) not supported",
        "The model has int8 weights and float tensors (dynamic range quantization), which TFLite "
        "Micro does not compute.",
        "quantize fully, with examples, or leave the model float",
        ("graphtools convert GRAPH --quantize int8 --calibrate IMAGES -o model.tflite",),
        (),
    ),
    KnownError(
        "micro-type-unsupported",
        ("not supported", "is not supported by", "not supported", "currently supported"),
        r"\b(?:Input |Output |Data )?[Tt]ype (?P<type>\w+) \((?P<number>\d+)\) (?:is )?not "
        r"(?:currently )?supported|Only (?P<types>float32[\w, ]{0,60}) (?:is |are )?supported"
        r"[^\n]{0,60}(?:got|not) (?P<got>\w+)"
        r"|Input (?P<in>\w+), output (?P<out>\w+) not supported|[Tt]ype '?(?P<kind>[A-Z]\w+)'? "
        r"is not supported by (?P<op>\w+)",
        "{op:An operator} has no kernel for {type}{got}{in}{kind} here; mostly it is uint8, "
        "which newer libraries "
        "have given up, or one input is float.",
        "quantize to int8, inputs and outputs too",
        (
            "graphtools summary MODEL.tflite",
            "graphtools convert GRAPH --quantize int8 --calibrate IMAGES --input-type int8 "
            "--output-type int8 -o model.tflite",
        ),
    ),
    KnownError(
        "program-does-not-fit",
        ("will not fit in region", "overflowed by", "region `"),
        r"section `?'?(?P<section>[\w.]+)'?`? will not fit in region `?'?(?P<region>\w+)"
        r"|region `?'?(?P<memory>\w+)'?`? overflowed by (?P<by>\d+) bytes",
        "The program with its model and arena is larger than the board's {region}{memory} ({by}).",
        "make the arena or the model smaller, put the model into flash (const), or register only "
        "the operators that it has",
        (_SIZE,),
    ),
    KnownError(
        "micro-crash",
        (
            "Guru Meditation",
            "HardFault",
            "LoadProhibited",
        ),
        r"Guru Meditation Error|HardFault|LoadProhibited|StoreProhibited",
        "The board's processor has stopped: a null or wrong address. Mostly allocating failed "
        "before and was not looked at, the arena is not there (malloc gave nothing), or the "
        "stack is too small.",
        "check what AllocateTensors() and malloc return, make the arena static, and the task's "
        "stack larger",
        ("graphtools size MODEL.tflite",),
        (),
    ),
    KnownError(
        "micro-allocation-failed",
        ("AllocateTensors() failed", "Failed to allocate tensors", "Cannot allocate tensors"),
        r"AllocateTensors\(\) failed|Failed to allocate tensors|Cannot allocate tensors",
        "The model could not be set up; the line before says why: arena, operator or type.",
        "give the lines before it, too",
        (_SIZE,),
        kind=GENERAL,
    ),
)
