"""Scripts that turn annotations into records: xml_to_csv, generate_tfrecord and their kin."""

from graphtools.explain.known_errors._entry import KnownError, models

_SCRIPTS = (
    r"xml_to_csv|generate_tf_?record|create_\w*tf_?record|create_csv|csv_a_tf|member\["
    r"|class_text_to_int"
)

_EDJE = "EdjeElectronics/TensorFlow-Object-Detection-API-Tutorial-Train-Multiple-Objects-Windows-10"

ERRORS = (
    KnownError(
        "csv-column-missing",
        ("KeyError:",),
        r"KeyError: u?'(?P<column>filename|xmin|ymin|xmax|ymax)'",
        "The CSV has no column {column}: its first line is missing or has other names.",
        "write the header filename,width,height,class,xmin,ymin,xmax,ymax, without blanks",
        (),
        (
            "EdjeElectronics/TensorFlow-Object-Detection-API-Tutorial-Train-Multiple-Objects-"
            "Windows-10#394",
        ),
    ),
    KnownError(
        "csv-cell-empty",
        (
            "cannot convert float NaN to integer",
            "has type float, but expected one of: bytes",
        ),
        r"cannot convert float NaN to integer|nan has type float",
        "A cell of the CSV is empty, which pandas reads as NaN.",
        "delete or fill the empty lines and cells of the CSV",
        (),
        (),
    ),
    KnownError(
        "example-ignored",
        (
            "Invalid example:",
            ", ignoring",
        ),
        r"Invalid example:? ?(?P<file>[^\n,]{0,200}), ignoring",
        "The script has met an error with {file} and leaves it out without saying which: mostly "
        "a label that is not in the label map, a mask that is missing or has no box.",
        "let the script raise the error (take the try away), and mend what it says",
        ("graphtools check-config LABEL_MAP --records TRAIN.RECORD",),
        (),
    ),
    KnownError(
        "label-without-id",
        ("has type NoneType", "has type <class 'NoneType'>", "has type <type 'NoneType'>"),
        r"None has type (?:<class '|<type ')?NoneType'?>?, but expected one of: "
        r"(?P<types>[^\n]{1,60})",
        "class_text_to_int has returned None for a label of the CSV: it has other names (case, "
        "blanks, spelling) than the annotations, or a column is empty.",
        "name every label in class_text_to_int as the annotations spell it and let it fail for "
        "others; `return 0` would make background of them",
        ("graphtools check-config LABEL_MAP --records TRAIN.RECORD",),
        (
            *models(8322, 5417),
            "datitran/raccoon_dataset#2",
            "datitran/raccoon_dataset#117",
            f"{_EDJE}#44",
        ),
    ),
    KnownError(
        "text-in-place-of-bytes",
        ("has type str, but expected one of", "has type <class 'str'>, but expected one of"),
        r"(?P<value>[^\n]{0,80}?) has type (?:<class "
        r"')?(?P<type>str|float|numpy\.\w+|int|list)'?>?,"
        r" but expected one of: \(?(?:<class ')?(?P<types>[^\n]{1,60})",
        "{value} is {type}, and the feature takes {types}: bytes are text.encode('utf8'), labels "
        "and sizes are whole numbers, and lists go into *_list_feature.",
        "convert the value before it is stored",
    ),
    KnownError(
        "annotation-number",
        ("invalid literal for int() with base 10",),
        r"invalid literal for int\(\) with base 10: (?P<value>[^\n]{1,60})",
        "A coordinate of an annotation is no whole number: {value}. The XML has a fraction, "
        "another "
        "order of fields (member[4] is not bndbox), or a byte order mark.",
        "read by name, int(float(bndbox.find('xmin').text)), and open files as utf-8-sig",
        (),
        ("HumanSignal/labelImg#325", f"{_EDJE}#522"),
        within=_SCRIPTS,
    ),
    KnownError(
        "annotation-out-of-place",
        (
            "child index out of range",
            "list index out of range",
            "'NoneType' object has no attribute",
        ),
        r"child index out of range|list index out of range|'NoneType' object has no attribute "
        r"'(?P<attr>text|find|getchildren)'",
        "An XML annotation has other fields, or in another order, than the script counts on "
        "(member[4][0] is to be bndbox/xmin): another program wrote it, or an object has no box.",
        "read the fields by name: member.find('bndbox').find('xmin').text",
        (),
        ("EdjeElectronics/TensorFlow-Lite-Object-Detection-on-Android-and-Raspberry-Pi#182",),
        within=_SCRIPTS + r"|xml",
    ),
    KnownError(
        "label-not-in-map",
        ("KeyError:",),
        r"KeyError: u?'?(?P<label>[^'\n]{1,60})'?",
        "The label or column {label} is not there: the CSV has another label than the label map "
        "(case, blanks, a shifted column), or lacks the column.",
        "compare the column class of the CSV with the names of the label map; columns are "
        "filename,width,height,class,xmin,ymin,xmax,ymax",
        ("graphtools check-config PIPELINE.CONFIG --label-map LABEL_MAP",),
        ("puigalex/deteccion_objetos#2", f"{_EDJE}#394"),
        within=_SCRIPTS + r"|label_map_dict|row\[|get_label_map",
    ),
    KnownError(
        "csv-is-empty",
        ("No columns to parse from file", "EmptyDataError"),
        r"No columns to parse from file",
        "The CSV is empty: xml_to_csv found no .xml file where it looked (it wants images/train "
        "and images/test), or failed before.",
        "see in which folder it looks, and run it again",
        (),
        ("EdjeElectronics/TensorFlow-Lite-Object-Detection-on-Android-and-Raspberry-Pi#182",),
    ),
    KnownError(
        "pandas-name-gone",
        ("'DataFrame' object has no attribute", "'Series' object has no attribute"),
        r"'(?P<type>DataFrame|Series)' object has no attribute '(?P<attr>append|ix|as_matrix"
        r"|iteritems|get_value)'",
        "{type}.{attr} is gone from pandas (2.0 and before), and the script was written for an "
        "older one.",
        "pip install 'pandas<2', or write concat, loc, to_numpy, items",
    ),
    KnownError(
        "number-in-quotes",
        ("Couldn't parse integer", "Couldn't parse float"),
        r"Couldn't parse (?P<kind>integer|float): (?P<value>[^\n]{1,60})",
        "A number of the label map or configuration is written as {value}: in quotes, or with "
        "something else in it.",
        "write it as a plain number: id: 1",
        ("graphtools check-config PIPELINE.CONFIG --label-map LABEL_MAP",),
        ("nicknochnack/GenerateTFRecord#3",),
    ),
)
