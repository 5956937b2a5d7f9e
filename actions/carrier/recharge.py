"""Paying money onto a line, and what goes wrong with it: a person does both."""

from actions.dialogue import PersonAnswers


class Recharge(PersonAnswers):
    """Pays money onto a line."""

    NAME = "action_recharge"
    intent = "recharge"
    topic = "recharge"


class RechargeProblem(PersonAnswers):
    """Paid, but not credited, or to a wrong number."""

    NAME = "action_recharge_problem"
    intent = "recharge_problem"
    topic = "recharge"
    reason = "dispute"
