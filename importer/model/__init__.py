"""The vocabulary that all packages share, as data: statuses, problems, tables, deliveries, summaries."""
