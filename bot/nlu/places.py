"""Places named in normalised text (`place` of data/catalogue): a list of our own, and what ends like a place."""

import re
from typing import Iterator, Tuple

_FAR = (
    "香港 澳门 台湾 港澳台 港澳 日本 韩国 泰国 新加坡 马来西亚 越南 老挝 柬埔寨 缅甸 菲律宾 印尼 "
    "印度尼西亚 印度 尼泊尔 斯里兰卡 马尔代夫 蒙古 俄罗斯 哈萨克斯坦 土耳其 阿联酋 迪拜 沙特 卡塔尔 以色列 "
    "伊朗 埃及 南非 肯尼亚 摩洛哥 美国 加拿大 墨西哥 古巴 巴西 阿根廷 智利 秘鲁 英国 法国 德国 意大利 "
    "西班牙 葡萄牙 荷兰 比利时 瑞士 瑞典 挪威 芬兰 丹麦 冰岛 奥地利 波兰 捷克 希腊 匈牙利 爱尔兰 乌克兰 "
    "澳大利亚 澳洲 新西兰 斐济 欧洲 非洲 东南亚 曼谷 普吉岛 清迈 巴厘岛 吉隆坡 河内 东京 大阪 京都 "
    "北海道 冲绳 首尔 济州岛 伦敦 巴黎 纽约 洛杉矶 悉尼 墨尔本 塞班"
)
_NEAR = (
    "北京 上海 天津 重庆 广东 广西 湖南 湖北 河南 河北 山东 山西 陕西 四川 云南 贵州 福建 江西 浙江 "
    "江苏 安徽 海南 青海 甘肃 宁夏 新疆 西藏 内蒙古 黑龙江 吉林 辽宁 广州 深圳 珠海 汕头 佛山 东莞 "
    "中山 惠州 江门 湛江 茂名 肇庆 梅州 清远 潮州 揭阳 韶关 河源 阳江 汕尾 云浮 南宁 桂林 柳州 长沙 "
    "衡阳 岳阳 株洲 武汉 宜昌 郑州 洛阳 石家庄 保定 唐山 济南 青岛 烟台 太原 西安 成都 绵阳 昆明 大理 "
    "丽江 贵阳 遵义 福州 厦门 泉州 南昌 赣州 杭州 宁波 温州 义乌 南京 苏州 无锡 常州 徐州 合肥 芜湖 "
    "海口 三亚 西宁 兰州 银川 乌鲁木齐 拉萨 呼和浩特 包头 哈尔滨 长春 沈阳 大连 天河 越秀 海珠 荔湾 "
    "白云 番禺 黄埔 花都 南沙 增城 从化 福田 罗湖 南山 宝安 龙岗 龙华 浦东 朝阳 海淀"
)
_KNOWN = "|".join(sorted(f"{_FAR} {_NEAR}".split(), key=len, reverse=True))
_TAIL = (
    "体育中心|体育馆|火车站|高铁站|汽车站|地铁站|客运站|机场|广场|大厦|大学城|大学|商场|商城|医院|小区|花园|公园|新村|步行街|工业区|工业园|开发区"
    "|市场|大道|镇|村|县|街道|路|街"
)
_HANZI = r"[\u4e00-\u9fff]"
_PLACE = re.compile(
    rf"(?P<known>{_KNOWN})(?:(?:{_HANZI}{{0,4}}?(?:{_TAIL}))|[省市区])?"
    rf"|(?:(?<=在)|(?<=到)|(?<=去)|(?<=离)|(?<=喺)|(?<=住))(?!的|了|哪|那|这)(?P<named>{_HANZI}{{1,6}}?(?:{_TAIL}))(?!上|边|费|由|口)"
)
_NO_PLACE = re.compile(r"(?:移动|联通|电信|银行|卡)")


def find_places(text: str) -> Iterator[Tuple[int, int]]:
    """Spans of places, in order."""
    for match in _PLACE.finditer(text):
        if not _NO_PLACE.search(match.group()):
            yield match.span()
