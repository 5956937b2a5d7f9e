"""`weiting wechat …`: what belongs to a WeChat account itself, looked at and changed from the command line."""
