"""What puts a frame around a tensor."""
