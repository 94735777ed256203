"""`flask …`: what whoever runs the installation types."""
