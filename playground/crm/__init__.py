"""Strict local CRMs over real HTTP: HubSpot, Salesforce and kintone, with state, limits and faults on demand."""
