"""What hands on its input: identities, switches, frames of loops."""
