"""Everything that goes from Slack to the bot: signed HTTP or Socket Mode, events and their retries."""
