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

IMPOSSIBLE = "impossible"
"""Key in parse_data: values that were said and cannot be (13月), shaped like entities, their value null."""

CORRECTS = "corrects"
"""Key in parse_data: a value is given instead of another one (不是50 是100)."""

ASKS = "asks"
"""Key in parse_data: what several things are asked, each `{"intent", "text", "values"}` with the values said with it; else empty."""

NORMALISED = "normalised"
"""Key on a Rasa message, not in its output: a `normalise.Normalised`."""

FOUND = "found_values"
"""Key on a Rasa message, not in its output: a `values.Found`."""

STEERING = ("affirm", "bot_challenge", "cancel", "deny", "goodbye", "greet", "help", "thank")
"""Intents that ask for nothing: beside an ask they are no second one."""
