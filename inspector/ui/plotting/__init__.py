"""Drawing pieces that the activations and the timing view share: rows of calls, colour scales, pace, export."""
