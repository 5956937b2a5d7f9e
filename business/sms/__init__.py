"""Short messages to a phone number: one-time codes and nothing else."""
