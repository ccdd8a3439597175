"""What is known of ops, family by family.

A family is a folder, in which stand side by side what is known of its ops, each in a file of its
own if there is anything:

- `attributes.py`: the attributes of a node, decoded once for all that follow;
- `shapes.py`: the shapes of the outputs, `@shape_function`;
- `integers.py`: the values of small integer tensors as far as they are known, `@integer_function`;
- `values.py`: the values of constant tensors, `@kernel` and `@move`; the only one with numpy;
- `costs.py`: the arithmetic that a run takes, `@cost_function`.

A family of which only shapes and integers are known may be a single module. What several families
share stands in modules that start with an underscore.

A file is loaded when a graph has an op that it names, so it has to name each in full, as a text in
double quotes. There is nothing else to be told: a new op is a function here, a new family a new
folder.
"""
