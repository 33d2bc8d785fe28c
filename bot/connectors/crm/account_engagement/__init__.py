"""Account Engagement (formerly Pardot): prospects, with their score and what became of e-mails."""

from bot.connectors.crm.account_engagement.connector import AccountEngagement

__all__ = ["AccountEngagement"]
