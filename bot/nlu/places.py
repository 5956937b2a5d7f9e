"""Places named in normalised text (`place` of data/catalogue).

Names of the gazetteer, alone or in a row (安徽阜阳颍上县), with what is built on them (南京南站, 苏州工业园区); and names that
no list has, where the sentence says that a place stands there: after 在, 去, 到 … with the ending of a place, or before 附近, 那边,
有营业厅吗.
"""

import re
from typing import Iterator, List, Optional, Tuple

from bot.nlu.gazetteer import Gazetteer, shared_gazetteer

_TAIL = (
    "体育中心|体育馆|体育场|奥体中心|会展中心|购物中心|服务区|火车站|高铁站|汽车站"
    "|地铁站|客运站|长途站|总站|[东南西北]站|机场|航站楼|广场|大厦|大楼|大学城|校区"
    "|师范大学|大学|学院|中学|小学|商场|商城|商贸城|大悦城|万达|万象城|天街|吾悦|银泰"
    "|奥特莱斯|医院|卫生院|小区|花园|花苑|家园|嘉园|雅苑|佳苑|名苑|公寓|公园|植物园|动物园"
    "|家属院|大院|新村|新城|步行街|工业区|工业园区?|产业园|科技园|软件园|物流园|经济开发区"
    "|经开区|技术开发区|开发区|高新区|新区|保税区|自贸区|批发市场|市场|口岸|码头"
    "|大道|胡同|街道|古镇|景区|度假区|农场|林场|水库|大桥|大街"
)
_TAIL_SHORT = "镇|乡|村|屯|县|区|市|路|街|巷|庄|寨|堡|山|湖|湾|桥|岛|港|寺|塔|站|城|苑|宫|庙|坪|坝|沟|塘|岭|坡|州|滩"
_PLAIN = (
    r"(?![的了我你他她它您们这那哪么什怎吗呢吧啊呀嘛不没是把被给就也都还很太要想能会有个和跟与或从去来打充查办换买卖收说看找做等谁几多少坏慢快差号年月"
    r"今明昨前离在到用为让该无过住逛修坐骑走爬干活玩连吃喝睡旁附最司请问听接停着急上、□]|移动|联通|电信|电话"
    r"|话费|流量|信号|网络|手机|套餐|账户|便利|服务|周边|周围|这边|那边|边度|对面|个人|本人|家人|客人|别人)"
    r"[\u4e00-\u9fff]"
)
_GENERIC = (
    r"(?:[本我你他该这那哪家老新某每整一两同别全各]|我们|你们|大|小)?(?:小区|村里?|图书馆|体育馆|体育场|游泳馆|健身房|医院|学校|商场"
    r"|火车站|高铁站|地铁站|汽车站|车站|机场|广场|公园|市场|菜市场|超市|大厦|宿舍楼?|公寓|花园|大楼|办公楼|教学楼|工业区|开发区|家属院"
    r"|公司|单位|营业厅|路口|门口|楼|院|店|城|镇|乡|县|市|区|省|国|街|路|桥|山|站|厂|里"
    r"|家里|城里|乡里|屋里|市区|郊区|工地|工棚|车间|小卖部?|古城|古镇|商业区|住宅区|服务区"
    r"|城区|市里|镇上|景区|老街|大街|马路|半路|网点|戈壁滩?|沙滩|海边|湖边|基站|山区|地区"
    r"|农村|乡村|乡下|外地|外省|本省|本市|外国|全国|各地|境外|国外|中国|步行街|商业街|"
    r"柜台口?|窗口|出口|入口|胃口|借口|人口|接口|当地|本地|小镇|县城|省城|老城|旧城|出国|回国|归国|营业网点|网点|服务厅|厅里)"
)
_GENERIC_WHOLE = re.compile(_GENERIC)
_ANCHOR = re.compile(
    r"(?P<to>路过|途经|经过|[在到去离住喺从回往赴至来由飞])|(?P<opens>^|请问"
    r"|想问|告知|烦告|提供|我们|俺们|贵司|我司|[\s,.;:!?~、()那说我俺查找])"
)
"""A preposition of place, or what a name may stand behind."""

_NEARBY = r"(?:那家|附近|旁边|周边|周围|那边|这边|那块|这块|一带|那里|这里|那儿|这儿|呢度|呢边|嗰度|嗰边|边度|隔壁|对面|后头|里头|门口)"
_BRANCH = r"(?:[营赢迎应莒盈萤]业[厅庁听]|服务厅|营业网点|网点|门店|门市|分店|旗舰店|专营店)"
_SHOP = (
    rf"(?:(?:有|还|哪|里|哪里|到底|嘅|的){{0,3}}(?:没有|冇|无)?(?:你们|你哋|贵司|咱们)?的?(?:家|间|个)?(?:线下)?{_BRANCH}"
    r"|(?:哪?有|有没有|有冇|还有)(?:你们|你哋)?的?(?:家|间|个)?(?:线下)?(?:店|铺|store)|店(?![里家主铺小])|有store)"
)
_DOES = (
    r"(?:出差|自驾|自由行|跟团|旅游|旅行|玩|漫游|上学|读书|念书|留学|支教|打工|上班|施工|工作|做工|务工"
    r"|探亲|度假|参展|开会|过年|过节|转机|种地|当兵|修|信号|没信号|冇信号|冇讯号|冇晒|一格|断网|没网|连不上)"
)
_NOT_ON = r"(?![上下边费由口机长子里内])"
_ENDED = rf"(?P<ended>(?:{_PLAIN}){{1,7}}?(?:{_TAIL}){{1,2}}|(?:{_PLAIN}){{1,4}}?(?:[镇村路街巷]|乡(?!下)|县(?!城)))(?![上下费由口机长子])"
_SHORT = (
    rf"(?P<short>(?:{_PLAIN}){{1,4}}?(?:{_TAIL_SHORT}))"
    rf"(?=$|[^\u4e00-\u9fff]|{_NEARBY}|{_DOES}|边|[没有冇信网打住开找取买坐就都怎用想能要这那]|里(?!面))"
)
_MARKED = rf"(?P<marked>(?:{_PLAIN}){{2,8}}?)(?={_NEARBY})"
_WITH_SHOP = (
    rf"(?P<shop>(?:{_PLAIN}){{2,7}}?)"
    rf"(?=(?:有|还|哪|里|哪里|到底|嘅|的){{0,3}}(?:没有|冇|无)?(?:你们|你哋|贵司)?的?(?:家|间|个)?(?:线下)?{_BRANCH})"
)
_WHOLE = rf"(?P<whole>(?:{_PLAIN}){{0,8}}?(?:{_TAIL}){{1,2}})(?![上下费由口机长子])"
_ROAD = rf"(?P<road>(?:{_PLAIN}){{2,4}}?[路街村镇县区巷])(?=$|[^\u4e00-\u9fff]|{_NEARBY}|{_SHOP}|\d|[没冇信网宽断一家])"
_FAR = rf"(?P<far>(?:{_PLAIN}){{2,4}}?)(?={_DOES})"
_NAMED_AFTER = {
    "to": re.compile("|".join((_ENDED, _SHORT, _MARKED, _WITH_SHOP, _FAR))),
    "opens": re.compile("|".join((_MARKED, _WITH_SHOP, _WHOLE, _ROAD))),
}
_BUILT = re.compile(
    rf"(?:(?:{_PLAIN}){{0,5}}?(?:{_TAIL}){{1,2}}(?![费由])|[省市](?![上下边费由口机长子里])|"
    rf"(?:特别行政区|自治区|自治州|盟|区|县|镇|乡|村|岛|港|湾|路|街){_NOT_ON}|站(?!点|在|长)"
    rf"|(?:{_PLAIN}){{1,3}}?(?:区|县|镇|乡|村|街道|路|街|站|桥){_NOT_ON}(?!分))"
)
_ON = re.compile(rf"(?:{_PLAIN}){{2,3}}?(?={_NEARBY}|{_SHOP})|{_PLAIN}[镇村桥湾湖山门口坪沟塘岭](?=$| )")
_WORD_BEFORE = re.compile(r"(?:在|到|去|离|住|从|回|往|赴|至|喺|来|过|飞|^|[\s,.;:!?、()]|那|问|我|俺|人|给|家|是)$")
_NAME_FOLLOWS = re.compile(rf"{_NEARBY}|{_SHOP}|{_DOES}|$|[\s,.;:!?、]|[这那没冇信网宽人也都哪有老]|最近|地区")
_BRANCH_FOLLOWS = re.compile(_BRANCH)
_NO_PLACE = re.compile(r"移动|联通|电信|银行|卡|客服|热线|套餐|流量|话费|手机|营业|宽带|业务|账单|余额|服务|微信|网上|路由|师傅|最近|附近")
_NOT_OPEN = re.compile(
    r"投诉|线下|自助|外头|里头|屏幕|隔壁|积分|[上中下]午|周末|星期|礼拜|早上|晚上|楼[上下]|城中村|网上"
    r"|综合|合作|授权|实体|官方|正规|普通|人工|后台|客户|系统|软件|机器|快递|物业|邻居|老板|师傅|朋友|同事"
    r"|对方|单位|公司|学校|宿舍|工作|时候|地方|地址|位置|直接|已经|现在|一直"
    r"|刚才|突然|只能|必须|应该|需要|希望|咨询|办理|处理|原来|所有|其他|另外|任何"
)
_OTHER_WORD = re.compile(r"银行|话(?!费)|石|菜|烤鸭|白药|人寿|时间|牌")
_LATIN = re.compile(r"(?<![a-z])[a-z]+(?: ?kong)?(?![a-z])")
_ABBREVIATED = re.compile(r"(?<![a-z])(?:la|uk|us|hk|sg)(?=出差|旅游|漫游|玩|roaming| roaming)")

Span = Tuple[int, int]


def find_places(text: str) -> Iterator[Span]:
    """Spans of places, in order, none overlapping."""
    spans = [*_listed(text, shared_gazetteer())]
    for anchor in _ANCHOR.finditer(text):
        match = _NAMED_AFTER[str(anchor.lastgroup)].match(text, anchor.end())
        if match is None or not match.group() or not _is_a_name(match.group()):
            continue
        if match.lastgroup != "far" or shared_gazetteer().at(text, match.start()) is None:
            spans.append(match.span())
    spans += [match.span() for match in _LATIN.finditer(text) if match.group().replace(" ", "") in shared_gazetteer().latin]
    spans += [match.span() for match in _ABBREVIATED.finditer(text)]
    yield from _longest(spans)


def _is_a_name(said: str) -> bool:
    return not (_NO_PLACE.search(said) or _NOT_OPEN.search(said) or _GENERIC_WHOLE.fullmatch(said))


def _listed(text: str, gazetteer: Gazetteer) -> Iterator[Span]:
    position = 0
    while position < len(text):
        name = gazetteer.at(text, position)
        if name is None:
            position += 1
            continue
        end = _built_up(text, position + len(name), gazetteer)
        if end == position + len(name) and name in gazetteer.in_context and not _is_in_context(text, position, end):
            position += 1
            continue
        if not _NO_PLACE.search(text, position, end) and not _OTHER_WORD.match(text, end):
            yield position, end
        position = end


def _built_up(text: str, end: int, gazetteer: Gazetteer) -> int:
    """Where the row of names, and of what is built on them, ends."""
    while end < len(text):
        name = gazetteer.at(text, end)
        if name is not None:
            end += len(name)
            continue
        built = _BUILT.match(text, end)
        if built is None or _NO_PLACE.search(built.group()):
            break
        end = built.end()
    on = _ON.match(text, end)
    if on is not None and not _NO_PLACE.search(on.group()):
        return on.end()
    return end


def _is_in_context(text: str, start: int, end: int) -> bool:
    if _BRANCH_FOLLOWS.match(text, end):
        return True
    return bool(_WORD_BEFORE.search(text[max(0, start - 2) : start]) and _NAME_FOLLOWS.match(text, end))


def _longest(spans: List[Span]) -> Iterator[Span]:
    last: Optional[Span] = None
    for span in sorted(spans, key=lambda one: (one[0], -one[1])):
        if last is None or span[0] >= last[1]:
            if last is not None:
                yield last
            last = span
    if last is not None:
        yield last
