"""What actions, side panel and pages ask: who has proved what, and an industry's figures."""
