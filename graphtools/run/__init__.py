"""Child processes that run TensorFlow and LiteRT, and what they say."""
