"""Whose people an account's subscribers are handed to: those at this product's desk, or those at WeChat's own."""

import re
from dataclasses import dataclass
from typing import Any

from runtime.errors import SettingsError
from runtime.setting_values import read_choice

OURS = "weiting"
_WECHATS = "wechat"
# developers.weixin.qq.com/doc/service/api/customer/servicermanage/api_addkfaccount: at most 10 characters, @, the account's WeChat id
_KF_ACCOUNT = re.compile(r"[A-Za-z0-9_-]{1,10}@[A-Za-z0-9_-]{1,64}")


@dataclass(frozen=True)
class AccountDesk:
    """`kf_account` is who gets what no skill of `by_skill` names; None: whoever at WeChat's desk is free."""

    native: bool = False
    kf_account: str | None = None
    by_skill: tuple[tuple[str, str], ...] = ()

    def agent_for(self, skill: str) -> str | None:
        """The customer-service account that a request with that skill is for."""
        return dict(self.by_skill).get(skill, self.kf_account)


def read_desk(desk: str, kf_account: str, kf_accounts: Any, key: str) -> AccountDesk:
    """`kf_account` is "-" when it is not set. Raises SettingsError."""
    native = read_choice(desk, "account.desk", (OURS, _WECHATS)) == _WECHATS
    table = {} if kf_accounts is None else kf_accounts
    if not isinstance(table, dict):
        raise SettingsError("account.kf_accounts", f'must be a table of skill = "kf_account" (account "{key}")')
    named = {} if kf_account == "-" else {"kf_account": kf_account}
    for name, value in {**named, **{f"kf_accounts.{skill}": one for skill, one in table.items()}}.items():
        if not native:
            raise SettingsError(f"account.{name}", f'goes with desk = "wechat" only (account "{key}"); set that or take this out')
        if not isinstance(value, str) or not _KF_ACCOUNT.fullmatch(value):
            raise SettingsError(f"account.{name}", f'must look like kf2001@wechatid (account "{key}"); copy it from the console')
    return AccountDesk(native, named.get("kf_account"), tuple(sorted(table.items())))
