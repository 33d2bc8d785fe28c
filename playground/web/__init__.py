"""The HTTP side: the Web API, response URLs, and the browser page with its JSON interface."""
