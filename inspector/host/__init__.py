"""The model process: serves requests, runs one job at a time, never draws."""
