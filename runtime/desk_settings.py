"""Whose people an account's subscribers are handed to, and under which customer-service account of WeChat's: `desk` and
`[account.kf_accounts]` of weiting.toml.

One table names both: an agent of this product, by id or name, who speaks under that account; a skill, whose requests go to that account
at WeChat's own desk; `default` for what is not named.
"""

import re
from dataclasses import dataclass
from typing import Any

from runtime.errors import SettingsError
from runtime.setting_values import read_choice

OURS = "weiting"
ANY = "default"
_WECHATS = "wechat"
# developers.weixin.qq.com/doc/service/api/customer/servicermanage/api_addkfaccount: at most 10 characters, @, the account's WeChat id
_KF_ACCOUNT = re.compile(r"[A-Za-z0-9_-]{1,10}@[A-Za-z0-9_-]{1,64}")


@dataclass(frozen=True)
class AccountDesk:
    """`native`: people sit at WeChat's own desk, and who is not named there gets whoever is free."""

    native: bool = False
    kf_accounts: tuple[tuple[str, str], ...] = ()

    def kf_account(self, *names: str | None) -> str | None:
        """The customer-service account of the first of these names that has one, else the default; None: no particular one."""
        table = dict(self.kf_accounts)
        return next((table[name] for name in (*names, ANY) if name in table), None)


def read_desk(desk: str, kf_accounts: Any, key: str) -> AccountDesk:
    """A table in the file, "name=account,…" in the environment. Raises SettingsError."""
    native = read_choice(desk, "account.desk", (OURS, _WECHATS)) == _WECHATS
    if kf_accounts is None or kf_accounts == "":
        return AccountDesk(native)
    table = dict(one.partition("=")[::2] for one in kf_accounts.split(",")) if isinstance(kf_accounts, str) else kf_accounts
    if not isinstance(table, dict):
        raise SettingsError("account.kf_accounts", f'must be a table of agents or skills (account "{key}")')
    read = {str(name).strip(): one.strip() if isinstance(one, str) else "" for name, one in table.items()}
    for name, one in read.items():
        if not name or not _KF_ACCOUNT.fullmatch(one):
            raise SettingsError("account.kf_accounts", f'"{name}" needs an account such as kf2001@gh_shop (account "{key}")')
    return AccountDesk(native, tuple(read.items()))
