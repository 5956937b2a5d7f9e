"""What is measured, each with a command, a report and a date."""
