"""Slack's client: what people see of the workspace and what they do in it."""
