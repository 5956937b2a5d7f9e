"""The line itself: stopped, started again, locked, a new card, another carrier. A person does it all."""

from actions.dialogue import PersonAnswers


class SuspendLine(PersonAnswers):
    """Stops the line. Whoever lost the phone receives no code and cannot wait."""

    NAME = "action_suspend_line"
    intent = "suspend_line"
    topic = "line"
    reason = "no_code"
    urgent = True


class ResumeLine(PersonAnswers):
    """Starts a stopped line again. A stopped line receives no code."""

    NAME = "action_resume_line"
    intent = "resume_line"
    topic = "line"
    reason = "no_code"
    urgent = True


class QueryPuk(PersonAnswers):
    """PIN or PUK locked. A locked card receives no code."""

    NAME = "action_query_puk"
    intent = "query_puk"
    topic = "line"
    reason = "no_code"
    urgent = True


class ReplaceSim(PersonAnswers):
    """A new card: lost, broken, eSIM."""

    NAME = "action_replace_sim"
    intent = "replace_sim"
    topic = "line"


class PortOut(PersonAnswers):
    """Takes the number to another carrier."""

    NAME = "action_port_out"
    intent = "port_out"
    topic = "line"
