"""The carrier's actions, by class, and how they are built."""

from rasa_sdk import Action

from actions.asking import Ports
from actions.carrier.account import BindLine
from actions.carrier.billing import QueryBalance, QueryBill
from actions.carrier.handoff import BEYOND, RequestHuman
from actions.carrier.points import QueryPoints
from actions.carrier.traffic import QueryAllowance
from actions.dialogue import Cancel, Clarify, HandOverUnclear, NoAnswer, ValidateConfirmForm
from actions.handing import Handover
from actions.proof import ValidateProofForm
from business.carrier.ports import CarrierSource

ASKS = (QueryBalance, QueryBill, QueryAllowance, QueryPoints)
ACTIONS: tuple[type[Action], ...] = (
    *ASKS,
    BindLine,
    RequestHuman,
    ValidateProofForm,
    ValidateConfirmForm,
    Clarify,
    Cancel,
    HandOverUnclear,
    NoAnswer,
)
"""Every action of bot/carrier/domain has its class here, and the reverse."""

USUAL = ("query_balance", "query_allowance", "query_bill")
"""What is offered when a message gives no reading at all."""


def build(ports: Ports[CarrierSource]) -> list[Action]:
    """One instance of each class of ACTIONS, ready to be registered."""
    skills = {ask.intent: ask.topic for ask in (*ASKS, BindLine)} | {intent: one.topic for intent, one in BEYOND.items()}
    handover = Handover(ports.identity, ports.phrases, skills)
    return [
        *(ask(ports, handover) for ask in ASKS),
        BindLine(ports.identity),
        RequestHuman(handover),
        ValidateProofForm(ports.identity, handover),
        ValidateConfirmForm(),
        Clarify(ports.phrases, USUAL),
        Cancel(),
        HandOverUnclear(handover),
        NoAnswer(handover, BEYOND),
    ]
