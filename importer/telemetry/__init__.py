"""Runs as numbers for machines that watch: a Prometheus text file, OpenTelemetry."""
