"""The agents' side: who is here, who waits, who is offered to whom, and what the pages must look at again."""
