"""The desk's service: published signals over REST and WebSocket."""
