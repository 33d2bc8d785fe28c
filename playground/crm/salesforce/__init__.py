"""A strict local Salesforce: logins, queries, leads with their conversion, activities, outbound messages."""

from playground.crm.salesforce.pane import SalesforcePane
from playground.crm.salesforce.salesforce import Salesforce
from playground.crm.salesforce.schema import MQL_FIELDS, Field

__all__ = ["MQL_FIELDS", "Field", "Salesforce", "SalesforcePane"]
