"""Learns when reps are away from the calendars they publish at an address."""
