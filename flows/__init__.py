"""The stages as plain functions, and Prefect flows over them."""
