"""A strict local Account Engagement: prospects and visitor activities of one business unit, with a token of
Salesforce."""

from playground.crm.account_engagement.account_engagement import AccountEngagement
from playground.crm.account_engagement.pane import AccountEngagementPane

__all__ = ["AccountEngagement", "AccountEngagementPane"]
