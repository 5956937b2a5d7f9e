"""What WeChat's error codes mean to whoever runs the account, and what to do.

Source: developers.weixin.qq.com, "Global Return Code" and the tables on the pages of the calls.
"""

TOKEN_CODES: dict[int, tuple[str, str]] = {
    -1: ("WeChat is busy", "run this again in a minute"),
    40001: ("the secret is wrong", "copy AppSecret again from the console (开发接口管理); a reset makes the old one void"),
    40002: ("the grant type is refused", "see that api_base is WeChat's own"),
    40013: ("the app id is unknown", "copy AppID from the console into account.app_id"),
    40125: ("the secret is wrong", "copy AppSecret again from the console; a reset makes the old one void"),
    40164: ("this machine's address is not on the white list", "add the address this machine goes out by to IP白名单 in the console"),
    40243: ("the secret is frozen", "unfreeze AppSecret in the console"),
    41002: ("the app id is missing", "set account.app_id"),
    41004: ("the secret is missing", "set account.secret or secret_file"),
    45009: ("the day's calls are used up", "wait for midnight (Beijing), or clear the quota in the console"),
    45011: ("too many calls in a minute", "run this again in a minute"),
    50004: ("the account may not use this call", "see the account's type and verification in the console"),
    50007: ("the account is frozen", "see the notices in the console"),
    89503: ("this machine's address waits for the administrator's word", "let the administrator confirm it in WeChat"),
}
_TOKEN_USED: dict[int, tuple[str, str]] = {
    code: ("the token is refused, and so is a new one", "see that no other program resets this account's tokens, and run `weiting doctor`")
    for code in (40001, 40014, 42001)
}
_UNFIT: dict[int, tuple[str, str]] = {
    40003: ("an openid is not a follower's, or another account's", "take it out; openids differ from account to account"),
    40005: ("the file is of a kind that WeChat does not take", "PNG, JPG or GIF, AMR or MP3, MP4"),
    40006: ("the file has a size that WeChat does not take", "make it smaller"),
    40007: ("there is no material of that media_id", "`weiting wechat materials list` shows which there are"),
    40009: ("the picture is too large", "10 MB at most"),
    40010: ("the voice is too large", "2 MB at most"),
    40011: ("the video is too large", "10 MB at most"),
    40012: ("the thumb is too large", "64 KB at most"),
    40053: ("the scene is refused", "1 to 64 characters"),
    45007: ("the voice is too long", "60 seconds at most"),
    45056: ("the account has 100 tags already", "delete one"),
    45057: ("more than 100,000 followers carry the tag", "take it off some first: `weiting wechat tags remove`"),
    45058: ("the tag is WeChat's own", "choose another; ids 0 to 2 stay as they are"),
    45059: ("the follower carries 20 tags already", "take one off first: `weiting wechat tags remove`"),
    45157: ("there is a tag of that name, or it is no name", "choose another name"),
    45158: ("the name is too long", "30 bytes at most: 10 Chinese characters"),
    45159: ("there is no tag of that id", "`weiting wechat tags list` shows which there are"),
    46004: ("there is no such follower", "see the openid"),
    49003: ("the openid belongs to another account", "openids differ from account to account"),
}
"""Refusals of what was asked for: the argument is to be mended."""
_OTHERS: dict[int, tuple[str, str]] = {
    **{
        code: (f"WeChat refuses {what} of the menu", "mend it in weiting.toml; the limits are in its comments")
        for code, what in (
            (40016, "the number of entries"), (40017, "a type"), (40018, "a name"), (40019, "a key"), (40020, "an address"),
            (40023, "the number of entries below"), (40024, "a type below"), (40025, "a name below"), (40026, "a key below"),
            (40027, "an address below"),
        )
    },
    **{code: ("what answers does not know this call", "see api_base") for code in (40066, 43001, 43002)},
    45001: ("the file is too large", "make it smaller"),
    45064: ("the menu may not open this mini program", "link it to the account in the console first"),
    48001: ("the account may not use this call", "see its type and verification in the console (接口权限)"),
    48004: ("the call is barred for this account", "see the notices in the console"),
    65400: ("WeChat's own customer service is not switched on", "switch it on in the console (客服功能)"),
}  # fmt: skip


def explain(errcode: int, *, of_token: bool = False) -> tuple[str, str]:
    """What it means and what to do. `of_token`: answered to the asking for a token."""
    for table in (TOKEN_CODES,) if of_token else (_TOKEN_USED, _UNFIT, _OTHERS, TOKEN_CODES):
        if errcode in table:
            return table[errcode]
    return "WeChat refuses a token" if of_token else "WeChat refuses it", "see 全局返回码 in WeChat's documentation"


def is_unfit(errcode: int) -> bool:
    """Whether what was asked for is at fault, and not the account or the platform."""
    return errcode in _UNFIT
