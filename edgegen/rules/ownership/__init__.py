"""Rules of ownership and tenancy: who may use which hostname, edge and namespace."""
