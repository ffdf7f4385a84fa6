"""Reports: SQL queries over the events of a store, and the code that runs them."""
