"""The carrier's actions, by class, and how they are built."""

from rasa_sdk import Action

from actions.asking import Ports
from actions.carrier.account import BindLine, SwitchLine, UnbindLine
from actions.carrier.billing import ExplainCharge, QueryBalance, QueryBill, RequestInvoice
from actions.carrier.handoff import RequestHuman
from actions.carrier.line import PortOut, QueryPuk, ReplaceSim, ResumeLine, SuspendLine
from actions.carrier.plan import CancelService, ChangePlan, QueryPlan, QueryRoaming
from actions.carrier.points import QueryPoints, RedeemPoints
from actions.carrier.recharge import Recharge, RechargeProblem
from actions.carrier.service import Complain, FindStore, ManageNotifications, ReportFault, ReportSpam
from actions.carrier.traffic import BuyDataPack, QueryAllowance, QueryUsageLog
from actions.dialogue import Cancel, Clarify, HandOverUnclear, NoAnswer, PersonAnswers, ValidateConfirmForm
from actions.handing import Handover
from actions.proof import ValidateProofForm
from business.carrier.ports import CarrierSource
from business.carrier.stores import StoreDirectory

ASKS = (QueryBalance, QueryBill, QueryAllowance, QueryPoints, QueryPlan)
"""Answered from figures."""

LINES = (BindLine, UnbindLine, SwitchLine)
"""The bound lines."""

PERSON: tuple[type[PersonAnswers], ...] = (
    ExplainCharge,
    RequestInvoice,
    QueryUsageLog,
    BuyDataPack,
    RedeemPoints,
    Recharge,
    RechargeProblem,
    ChangePlan,
    CancelService,
    QueryRoaming,
    SuspendLine,
    ResumeLine,
    QueryPuk,
    ReplaceSim,
    PortOut,
    ReportFault,
    Complain,
    ReportSpam,
    ManageNotifications,
)
"""What a person does until it has an answer of its own."""

ACTIONS: tuple[type[Action], ...] = (
    *ASKS,
    *LINES,
    *PERSON,
    FindStore,
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


def build(ports: Ports[CarrierSource], stores: StoreDirectory) -> list[Action]:
    """One instance of each class of ACTIONS, ready to be registered."""
    skills = {ask.intent: ask.topic for ask in ASKS}
    skills |= {one.intent: one.topic for one in LINES}
    skills |= {person.intent: person.topic for person in PERSON} | {FindStore.intent: FindStore.topic}
    handover = Handover(ports.identity, ports.phrases, skills)
    return [
        *(ask(ports, handover) for ask in ASKS),
        BindLine(ports.identity),
        UnbindLine(ports.identity, ports.phrases),
        SwitchLine(ports.identity, frozenset(ask.intent for ask in ASKS)),
        *(person(handover) for person in PERSON),
        FindStore(handover, stores, ports.phrases),
        RequestHuman(handover),
        ValidateProofForm(ports.identity, handover),
        ValidateConfirmForm(),
        Clarify(ports.phrases, USUAL),
        Cancel(),
        HandOverUnclear(handover),
        NoAnswer(handover),
    ]
