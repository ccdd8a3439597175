"""Records, examples and images: what a training reads."""

from graphtools.explain.known_errors._entry import KnownError, models, tensorflow

_RECORDS = "graphtools summary TRAIN.RECORD"
_CHECK = "graphtools check-config PIPELINE.CONFIG --records TRAIN.RECORD"

ERRORS = (
    KnownError(
        "record-damaged",
        ("corrupted record at", "truncated record at", "inflate() failed"),
        r"(?P<how>corrupted|truncated) record at (?P<place>\d+)"
        r"(?:[^\n]{0,80}?Is this even a TFRecord file)?|inflate\(\) failed",
        "A record of a TFRecord file is {how:damaged} at byte {place}. At 0 it is no TFRecord "
        "file at all (an "
        "image, a CSV, a .pbtxt, a compressed one, or a pattern that matches other files, too); "
        "further on the copy or the writing broke off (no close(), full disk, two writers).",
        "find the file and write it anew; only .record files may match input_path",
        (_RECORDS,),
        (*models(2782, 4206, 9723), *tensorflow(13463, 21772), "google-research/deeplab2#95"),
    ),
    KnownError(
        "feature-missing-in-example",
        ("is required but could not be found", "Key: ", "Required feature"),
        r"Feature: (?P<feature>\S+) \(data type: (?P<type>\w+)\) is required but could not be found"
        r"|Required feature '?(?P<other>[^\s']+)'? is missing",
        "An example of the records has no feature {feature}{other} ({type}): whoever wrote them "
        "called it otherwise or left it out, or the files are of another data set.",
        "write records with the names that the reader asks for (image/encoded, "
        "image/object/bbox/xmin, ... of the Object Detection API)",
        (_RECORDS,),
        ("fab-jul/imgcomp-cvpr#11",),
    ),
    KnownError(
        "feature-of-another-type",
        ("Can't parse serialized Example", "Data types don't match", "values != expected"),
        r"(?:Key: (?P<feature>[^\s.]+)\.? +)?(?:Can't parse serialized Example"
        r"|Data types don't match\.[^\n]{0,120}|Number of \w+ values != expected\.? +"
        r"Values size: (?P<have>\d+) but output shape: (?P<want>[^\n]{0,60}))",
        "The feature {feature} is stored otherwise than the reader says: as another type (int64, "
        "float, bytes), or with {have:another number of} values where {want:its shape} is asked.",
        "read it as it is stored; VarLenFeature takes any number of values",
        (_RECORDS,),
    ),
    KnownError(
        "example-not-parsed",
        ("Could not parse example input", "Error while parsing example"),
        r"Could not parse example input|Error while parsing example",
        "What is read as a tf.Example is none: the records hold something else, or single bytes "
        "of a message.",
        "look at what the records hold",
        (_RECORDS,),
    ),
    KnownError(
        "no-record-files",
        (
            "No data files found in",
            "did not match any files",
            "No files matched",
            "matched 0 files",
            "Did not find any input files matching",
        ),
        r"No data files found in (?P<pattern>\S+)"
        r"|(?P<files>[^\n]{1,200}?) did not match any files|No files matched|matched 0 files|Did "
        r"not find any input files matching[^\n]{0,200}",
        "No file matches {pattern}{files:the pattern}: the split was never converted, or folder, "
        "name or number of parts differ.",
        "write that split under such names into that folder, or give the split and folder that "
        "are there",
        ("graphtools check-config PIPELINE.CONFIG",),
    ),
    KnownError(
        "empty-list-of-files",
        ("Tensor conversion requested dtype string for Tensor with dtype float32",),
        r"Tensor conversion requested dtype string for Tensor with dtype float32",
        "The list of input files is empty, and an empty list has the type float: nothing matches "
        "input_path.",
        "correct input_path in train_input_reader and eval_input_reader, so that record files are "
        "found from the folder the program runs in",
        ("graphtools check-config PIPELINE.CONFIG",),
        ("XiangGuo1992/Screen-Vehicle-Detection-using-Tensorflow-API#11",),
    ),
    KnownError(
        "image-bytes-as-text",
        ("got unknown format starting with", "Unable to decode bytes"),
        r"(?:Expected image[^\n]{0,60}?)?got unknown format starting with '?\"?b\\?'",
        "The image was stored as the text that Python prints of bytes (b'...'): str() was called "
        "on it.",
        "read the image with open(path, 'rb') and store the bytes themselves",
        (_RECORDS,),
        models(7327),
    ),
    KnownError(
        "image-format-unknown",
        (
            "Image format not JPEG",
            "image file is truncated",
            "Unknown image file format",
            "Unable to decode bytes as",
            "got unknown format starting with",
            "Not a JPEG file",
            "Invalid JPEG data",
            "Invalid PNG",
            "Expected image",
            "jpeg::Uncompress failed",
            "Could not decode image",
            "cannot identify image file",
            "Trying to decode",
        ),
        r"Unknown image file format|Unable to decode bytes as [A-Z]{3}|got unknown format starting"
        r" with '?(?P<start>[^\n']{0,40})|Not a JPEG file: starts with (?P<bytes>0x\w+ 0x\w+)"
        r"|Invalid (?:JPEG|PNG) (?:data|header)[^\n]{0,60}|Expected image \(JPEG"
        r"|jpeg::Uncompress failed|Could not decode image|cannot identify image file"
        r"|Trying to decode \w+ format using a wrong op"
        r"|Image format not JPEG|image file is truncated",
        "An image of the data is no JPEG or PNG, or damaged, whatever its name says "
        "({start}{bytes}): 0x89 0x50 begins a PNG, 0x52 0x49 a WebP, 0x3c a web page, 0x47 0x49 a "
        "GIF.",
        "open and save all images anew (PIL: Image.open(p).convert('RGB').save(...)), leave out "
        "what cannot be opened, and decode with tf.io.decode_image",
        (_RECORDS,),
        (*models(9427, 7327), *tensorflow(9786), "aniketmaurya/chitra#152"),
    ),
    KnownError(
        "image-channels",
        (
            "Shape mismatch in tuple component",
            "does not support grouped convolutions",
            "channels attribute",
            "Number of channels",
            "images must have",
            "input depth must be",
        ),
        r"channels attribute (?P<asked>\d+) does not match bits per pixel|Number of channels (?:"
        r"inherent in the image|requested)|input (?:image )?depth must be evenly divisible"
        r"|Shape mismatch in tuple component \d+\. Expected (?P<want>\[[^\]\n]*\]), got "
        r"(?P<got>\[[^\]\n]*\])|does not support grouped convolutions",
        "An image has another number of channels than is asked for: grey, alpha (PNG) or CMYK.",
        "decode with channels=3, or convert the images to RGB",
        (_RECORDS,),
    ),
    KnownError(
        "boxes-outside-image",
        ("bounding box coordinates must be in", "Box coordinates", "bounding box area"),
        r"(?:All bounding box coordinates must be in|[Bb]ox coordinates must be)[^\n:]{0,40}:? ?"
        r"(?P<found>[-\d.e]{0,20})|bounding box (?:min|area) (?:must|is)",
        "A box of the data ends outside of the image ({found:it is not within 0 to 1}): it was not "
        "divided by the image's size, or the annotation goes beyond the edge.",
        "clip boxes to 0..1 when the records are written, and leave empty ones out",
        (_CHECK,),
        ("balancap/SSD-Tensorflow#37",),
    ),
    KnownError(
        "fewer-labels-than-boxes",
        ("is not in [0,",),
        r"indices\[(?P<place>[^\]\n]{1,20})\] = (?P<index>-?\d+) is not in \[0, (?P<size>\d+)\)",
        "While the records are read, {index} is looked up in {size} things: an image has boxes "
        "and fewer labels, masks or other values than boxes.",
        "write as many class labels (and masks, areas, flags) as boxes for each image",
        (_CHECK, "graphtools check-config PIPELINE.CONFIG --label-map LABEL_MAP"),
        models(9067, 7638),
        within=r"Dataset_map|IteratorGetNext|object_detection|is not in \[0, 0\)",
    ),
    KnownError(
        "index-out-of-range",
        ("is not in [0,", "is not in [", "out of range for"),
        r"indices\[(?P<place>[^\]\n]{1,20})\] = (?P<index>-?\d+) is not in \[0, (?P<size>\d+)\)"
        r"(?:[^\[]{0,40}\[\[Node: (?P<node>[^\s\]=]+))?",
        "{node:A look-up} is asked for entry {index} of {size}: a token or id is larger than the "
        "embedding, or an image of the records has fewer labels than boxes.",
        "give the table as many rows as there are ids (the largest id + 1); of records, write as "
        "many labels as boxes",
        ("graphtools io GRAPH", _CHECK),
        models(9067, 7638),
    ),
    KnownError(
        "boxes-and-labels-differ",
        (
            "Groundtruth boxes and labels have incompatible shapes",
            "Condition x == y did not hold",
        ),
        r"Groundtruth boxes and labels have incompatible shapes|Condition x == y did not hold "
        r"element-wise:[^\n]{0,200}(?:Loss|[Gg]roundtruth)",
        "An image of the records has another number of boxes than of labels (or masks, or "
        "weights).",
        "write one class label, and one mask where masks are trained, for each box of each image",
        ("graphtools check-config PIPELINE.CONFIG --records TRAIN.RECORD",),
        (
            "tensorflow/models#2737",
            "tensorflow/models#4458",
        ),
    ),
    KnownError(
        "boxes-normalized-already",
        (
            "max value is lower than",
            "maximum box coordinate value is smaller",
        ),
        r"max(?:imum)? (?:box coordinate )?value is (?:lower|smaller) than (?P<limit>[\d.]+)",
        "Boxes that are to be made parts of the image are so small that they are parts already: "
        "they were divided twice, or an image has an empty box at 0.",
        "divide the boxes by the image's size once, and leave out empty ones",
        ("graphtools check-config PIPELINE.CONFIG --records TRAIN.RECORD",),
        ("tensorflow/models#8613",),
    ),
    KnownError(
        "box-turned-around",
        (
            "assertion failed: [[",
            "assertion failed: [[",
        ),
        r"assertion failed: \[\[(?P<one>[\d.]+)\][^\n]{0,200}?\] \[\[(?P<other>[\d.]+)\]",
        "A check of the boxes fails for {one} and {other}: a box ends before it begins (xmin > "
        "xmax or ymin > ymax), or columns are exchanged.",
        "order the corners when the records are written, and leave out boxes without an area",
        ("graphtools check-config PIPELINE.CONFIG --records TRAIN.RECORD",),
        ("tensorflow/models#8595",),
    ),
    KnownError(
        "image-not-read",
        (
            "'NoneType' object has no attribute 'shape'",
            "ssize.empty()",
            "_src.empty()",
            "empty() in function",
        ),
        r"'NoneType' object has no attribute '(?:shape|astype|copy)'|!(?:_src|ssize|src|dsize)"
        r"\.empty\(\)",
        "cv2.imread has found no image, which it says by None: the path is wrong, has signs that "
        "it cannot read, or the file is no image.",
        "print the path, see whether it is there, and check the result before it is used",
        (),
        (),
    ),
    KnownError(
        "file-not-opened",
        (
            "NewRandomAccessFile failed to Create/Open",
            "No such file or directory",
            "NotFoundError: ",
            "Is a directory",
        ),
        r"NotFoundError: (?P<bare>(?:[A-Za-z]:)?[/\\.][^\s;:]{1,250})\s*$|NewRandomAccessFile "
        r"failed to Create/Open: (?P<path>[^\n]{1,250}?) : "
        r"|(?P<file>[^\n:;'\"]{0,250}?); (?:No such file or directory|Is a directory)"
        r"|\[Errno 2\] No such file or directory: '?(?P<python>[^'\n]{1,250})",
        "There is no file {path}{file}{python}{bare}, seen from the folder that the program runs "
        "in: a "
        "wrong folder, a name without its ending, backslashes in a configuration, or a blank.",
        "give the path that is there, with / and the ending; in a CSV correct the column filename",
        (),
        models(5563),
        outside=r"PATH_TO_BE_CONFIGURED|\.data-0|perhaps your file is in a "
        r"different|Unsuccessful Tensor",
    ),
    KnownError(
        "permission-denied",
        ("Permission denied", "Access is denied"),
        r"\[Errno 13\] Permission denied: '?(?P<path>[^'\n]{1,200})|; Permission denied"
        r"|Access is denied",
        "{path:A file} may not be read or written, or a folder was given where a file is wanted.",
        "give a file in a folder that you may write",
    ),
    KnownError(
        "shapes-cannot-be-batched",
        (
            "Cannot batch tensors with different shapes",
            "Shapes of all inputs must match",
            "to batch",
        ),
        r"Cannot batch tensors with different shapes in component (?P<component>\d+)\. First "
        r"element had shape (?P<one>\[[^\]\n]*\]) and element (?P<number>\d+) had shape "
        r"(?P<other>\[[^\]\n]*\])|Cannot add tensor to the batch",
        "Examples of one batch have different shapes ({one} and {other}): images of different "
        "sizes or channels, or numbers of boxes that are not padded.",
        "resize to one size (fixed_shape_resizer), decode with channels=3, pad "
        "(padded_batch, max_number_of_boxes), or take a batch of 1",
        ("graphtools check-config PIPELINE.CONFIG", _RECORDS),
    ),
)
