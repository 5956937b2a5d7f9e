"""Names that understanding shares with rules, domain and engine."""

OUT_OF_SCOPE = "out_of_scope"
"""Intent of a rejected message: nothing this account does."""

UNCLEAR = "unclear"
"""Intent, on the tracker, of a message with two or three near readings."""

ACCEPT = "accept"
CLARIFY = "clarify"
REJECT = "reject"

PERIOD = "period"
PHONE_NUMBER = "phone_number"
SMS_CODE = "sms_code"
AMOUNT = "amount"
DATA_VOLUME = "data_volume"
USAGE_KIND = "usage_kind"
PRODUCT = "product"
PLACE = "place"

UNDERSTANDING = "understanding"
"""Key in parse_data of the object of the door (README.md)."""

VALUES_ONLY = "values_only"
"""Key in parse_data: the message says nothing but values."""

NORMALISED = "normalised"
"""Key on a Rasa message, not in its output: a `normalise.Normalised`."""

FOUND = "found_values"
"""Key on a Rasa message, not in its output: a `values.Found`."""

STEERING = ("affirm", "bot_challenge", "cancel", "deny", "goodbye", "greet", "help", "thank")
"""Intents that ask for nothing: beside an ask they are no second one."""
