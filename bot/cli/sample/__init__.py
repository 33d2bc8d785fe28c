"""What the playground begins with: a sample company, and twelve weeks of its life with the bot."""
