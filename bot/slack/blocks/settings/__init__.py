"""The settings in Slack: what can be set (`screens`), how it is entered (`kinds`, `entering`) and looks (`pages`)."""
