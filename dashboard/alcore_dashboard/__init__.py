"""The dashboard: pages over the store, the registry and nothing else. It never trains."""
