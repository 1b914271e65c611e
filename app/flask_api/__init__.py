"""The AI Model API: a sentiment classifier behind two HTTP routes."""
