"""What the constructs of the field are: one file an idiom, with its op sets, pattern and `find`.

Whoever needs to know what a dropout is, a training switch or a batch norm, asks here: transforms
rewrite the matches, lint words them, freezing and summaries use them. No op set of an idiom stands
anywhere else; `tests/test_architecture.py` holds that.
"""
