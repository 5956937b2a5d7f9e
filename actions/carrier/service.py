"""Faults, complaints, nuisance calls, shops, messages: a person answers them."""

from actions.dialogue import PersonAnswers


class ReportFault(PersonAnswers):
    """No signal, slow network, broadband down."""

    NAME = "action_report_fault"
    intent = "report_fault"
    topic = "service"


class Complain(PersonAnswers):
    """Complains and wants it recorded."""

    NAME = "action_complain"
    intent = "complain"
    topic = "service"
    reason = "complaint"


class ReportSpam(PersonAnswers):
    """Nuisance calls and messages of others."""

    NAME = "action_report_spam"
    intent = "report_spam"
    topic = "service"


class FindStore(PersonAnswers):
    """Where a shop is and when it is open."""

    NAME = "action_find_store"
    intent = "find_store"
    topic = "service"


class ManageNotifications(PersonAnswers):
    """Fewer messages of ours, or messages again."""

    NAME = "action_manage_notifications"
    intent = "manage_notifications"
    topic = "service"
