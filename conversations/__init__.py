"""Who answers: states, turns, delivery, triggers. Names no channel and no industry."""
