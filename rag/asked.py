"""The kind of answer a question asks for, and the words that say so: `asking(text)`. Part of `question`.

First the words that ask (为什么, 多少, 哪些, 谁), then the noun that stands with them (哪座机场, 馆长叫什么), and in a query
of keywords the last noun that names a kind (崇明区委书记 2023年7月).

>>> asking("本届论坛在哪座城市举行")
('place', (5, 9))
"""

import re
from typing import Literal

from rag.tokens import cut, tagged

Asked = Literal["explain", "date", "place", "list", "number", "organisation", "person", "title", "what"]
ASKED: tuple[Asked, ...] = ("explain", "date", "place", "list", "number", "organisation", "person", "title", "what")

# What the last characters of a noun say about the thing it names; of two that fit the longer one counts.
_NOUNS: dict[Asked, str] = {
    "date": "日期 时间 时刻 时段 年份 年月 月份 日子 生日 时候 年代",
    "number": "率 额 量 总数 人数 件数 艘次 架次 车次 艘数 家数 个数 户数 次数 合计 总计 天数 票数 数值 数据 数字 数 直径 大小 时速 预付款 人次 比例 占比 比重 比分 排名 名次 位次 增速 增幅 涨幅 跌幅 降幅 幅度 "
    "价 价格 价钱 股价 净值 费 费用 总投资 投资 投入 研发 研发投入 研发费用 研发经费 研发支出 面积 长度 高度 宽度 深度 厚度 重量 体重 身高 温度 气温 速度 浓度 海拔 分 得分 积分 成绩 跑分 市值 产值 规模 金额 成本 利润 收入 营收 票房 "
    "年龄 年限 期限 时长 寿命 容量 功率 续航 赔偿 罚金 奖金 租金 资金 工资 薪酬 月薪 年薪 上限 下限 震级 等级 体量 距离 里程 产能 盈亏 净利 净买入 净流入 变化 GDP 指数 速率",
    "person": "姓名 人名 人 者 员 师 家长 市长 县长 区长 镇长 乡长 村长 州长 省长 科长 处长 厅长 部长 局长 司长 院长 校长 馆长 站长 队长 团长 会长 董事长 组长 所长 行长 店长 厂长 社长 园长 班长 船长 "
    "舰长 机长 秘书长 外长 首长 理事长 检察长 审判长 议长 书记 主席 主任 总统 总理 总裁 总监 经理 首相 大臣 老板 教授 院士 博士 医生 律师 法官 教练 主帅 导演 主演 编剧 冠军 亚军 季军 得主 CEO 执行官 "
    "发言人 秘书 干事 审计长 专家 学者 嘉宾 孩子 男孩 女孩 学生 同学 乘客 搭档 丈夫 妻子 父亲 母亲 老伴 儿子 女儿 选手 歌手 射手 高工 先生 女士 大使 董事 股东 议员 助理 顾问 将军 司令 对手",
    "organisation": "公司 企业 机构 单位 部门 大学 高校 军校 学校 中学 小学 幼儿园 医院 银行 券商 组织 协会 学会 商会 基金会 委员会 工会 法院 检察院 公安局 分局 派出所 工程局 局 媒体 报社 电视台 电台 俱乐部 球队 "
    "支队 大队 部队 番号 学院 研究院 研究所 科研院 智库 厂商 厂家 车企 药企 工厂 领投方 承销商 主办方 承办方 供应商 开发商 运营商 集团 团队 党派 政党 工作室 事务所 中心",
    "place": "城市 省份 省 市 县 区 区县 乡镇 国家 国 州 镇 乡 村 地区 地方 地带 街道 街 岛 洲 园区 产业园 开发区 公园 小区 社区 景区 机场 车站 站 港 港口 码头 口岸 广场 路 路段 路口 路边 基地 市场 海 海湾 道路 高速 桥 河 河道 湖 山 "
    "体育馆 场馆 展厅 楼 大厦 商场 酒店 籍贯 故乡 家乡 地点 地址 所在地 举办地 产地 产区 出生地 位置 海域 水域",
    "title": "书 歌 歌曲 曲 片 电影 电视剧 节目 剧 游戏 文章 论文 报告 白皮书 法案 条例 法律 文件 规定 办法 协议 计划 行动 活动 比赛 赛事 奖 奖项 荣誉 称号 主题 标题 口号 项目 工程 系统 平台 软件 "
    "程序 小程序 导弹 卫星 飞船 模型 大模型 数据库 手机 车型 机型 品牌 名称 书名 片名 全称 全名 简称 别名 英文名 名字 名 题目 代号 模式",
}  # fmt: skip
_KIND: dict[str, Asked] = {noun: kind for kind, nouns in _NOUNS.items() for noun in nouns.split()}
_LONGEST = max(map(len, _KIND))
_MEASURES: dict[str, Asked] = {
    "家": "organisation",
    "位": "person",
    "座": "place",
    "条": "place",
    "天": "date",
    "年": "date",
}
_MEASURES |= dict.fromkeys("本部首款篇档份", "title")

_COUNTERS = frozenset("个家名位座条所本部首款份项篇档支种类片处间件台艘辆架颗届次门只把块张道栋幢股天年")

_ASKING: tuple[tuple[Asked, str], ...] = (
    ("explain", "为什么|为何|为啥|为了(?:什么|啥)|因为什么|因何|凭什么|凭啥|归因|怎么(?:样|办|做|回事|要求|看|学|帮)?|如何|怎样|咋|什么是|什么意思|是指什么|干什么用|什么用|什么原因|哪些原因|"
     "[靠图怪](?:什么|啥|个什么)|(?:原因|理由|目的|事由|动机)(?:是|$)|区别|分歧|(?:内容|意义|影响|作用|理由|目的|好处|后果)又?是?(?:什么|啥)|什么(?:影响|作用|好处|后果|理由|手段|要求|意义|区别|造成|导致|引起)|干嘛|干啥|图的是|用来(?:干|做)(?:什么|啥)"),
    ("number", "多少|百分之几|几成|几分之几|多大(?:比例|面积|规模)?|多高|多长|多重|多远|多宽|多深|多久|多快|多厚|第几|(?<![哪好这那点几])几(?!几年|年几月|月|号|日|点|时|几|年[在开上]|个月份)|哪几级"),
    ("date", "什么时候|什么时间|何时|何年|啥时候|哪一?年|哪一?天|哪一?日|哪个月|几几年|几年几月|几月|几号|几日|几点|哪年哪月"),
    ("list", "哪些|哪几|有什么(?=.{0,6}[、？?]?$)|包括什么|都有谁|都是谁|哪[两三四五六七八九十]|分别(?:是|指|为|叫)|(?<![第一二三四五六七八九十百])[两二三四五六七八九十几]\\w{1,12}(?:是谁|叫什么|是什么)$"),
    ("place", "哪里|哪儿|何处|何地|什么地方|啥地方|在哪$|到哪$|去哪$|(?:在|到|去)哪(?![\\w])|哪(?=办|开|举)|哪一?带"),
)  # fmt: skip
_WHO = re.compile("谁(?:家|(?P<body>主办|承办|发起))?|何人|哪个人|什么人|啥人")
_WHICH = re.compile("(?:哪|什么|啥)一?")
_CALLED = re.compile(r"(?:又|都|就)?(?:是|叫|为|叫做|叫作)(?:什么|啥|谁|$)(?:名字?)?")
INTERROGATIVE = re.compile("为什么|为何|为啥|因何|如何|百分之几|什么|啥|谁|哪|多|几|吗|何|咋|怎|是不是|有没有")
FILLER = re.compile(
    r"^(?:那么?(?![里儿边家个位本部款座些次届天])|请问|我想知道|帮我(?:查|捋)?一?下?|麻烦|想问一?下?|又|还有)+|(?:呢|呀|啊|吗|吧|来着|(?<![什怎])么)?[？?。！!\s]*$"
)
_TABLE = tuple((kind, re.compile(pattern)) for kind, pattern in _ASKING)


def asking(text: str) -> tuple[Asked, tuple[int, int]]:
    """The kind of answer wanted, and where in `text` the words stand that ask; an empty range where none do."""
    ends = list(FILLER.finditer(text))
    start = ends[0].end() if ends and ends[0].start() == 0 and ends[0].end() < len(text) else 0
    stop = ends[-1].start() if ends and ends[-1].start() > start else len(text)
    for find in (_by_word, _by_noun, _by_keyword):
        made = find(text[start:stop])
        if made:
            return made[0], (made[1] + start, made[2] + start)
    return "what", (len(text), len(text))


Found = tuple[Asked, int, int] | None


def _by_word(text: str) -> Found:
    """By the words that ask alone."""
    for kind, pattern in _TABLE:
        match = pattern.search(text)
        if match:  # only 什么 of 目的是什么 asks
            asking = INTERROGATIVE.search(text, *match.span())
            return kind, asking.start() if asking else match.end(), match.end()
    return None


def _by_noun(text: str) -> Found:
    """By the noun that 哪 asks for, or that 是什么 or 叫什么 is said of."""
    called = _CALLED.search(text)
    if called and (kind := kind_of(text[: called.start()])):
        asking = INTERROGATIVE.search(text, called.start(), called.end())
        if asking and asking.group() == "谁" and kind not in ("person", "organisation"):
            kind = "person"
        return kind, asking.start() if asking else called.end(), called.end()
    who = _WHO.search(text)
    if who:
        return "organisation" if who["body"] or who.group() == "谁家" else "person", who.start(), who.start() + 1
    for which in _WHICH.finditer(text):
        measure, noun = _counted(text[which.end() : which.end() + 16])
        kind, counted = kind_of(noun), _MEASURES.get(measure)
        if kind and counted != "person" and not (kind == "number" and measure):  # 哪家公司股价
            return kind, which.start(), which.end() + len(measure + noun)
        if counted:
            return counted, which.start(), which.end() + len(measure)
    if called and "叫" in called.group():
        asking = INTERROGATIVE.search(text, called.start(), called.end())
        return "title", asking.start() if asking else called.end(), called.end()
    return None


def _by_keyword(text: str) -> Found:
    """By the last noun of a query without a word that asks: one before a blank or a bracket, or at its end."""
    if re.search("吗|是不是|有没有|什么|啥|谁|哪|怎", text):
        return None
    if listed := re.search(r"(?:^|\s)(?:[两二三四五六七八九十2-9][大个家种项位条款支名]\S{1,6}|\S*名单)$", text):
        return "list", listed.end(), listed.end()
    for end in [len(text), *(match.start() for match in reversed(list(re.finditer(r"[\s（(]|(?=20\d\d年)", text))))]:
        if kind := kind_of(text[:end]):
            return kind, end, end
    return None


def kind_of(noun: str) -> Asked | None:
    """The kind of thing that the last characters of `noun` name."""
    return _KIND.get(naming(noun))


def naming(noun: str) -> str:
    """The last characters of `noun` that name a kind of thing, as many as do; "" where none do."""
    return next((noun[-n:] for n in range(min(_LONGEST, len(noun)), 0, -1) if noun[-n:] in _KIND), "")


def _counted(text: str) -> tuple[str, str]:
    """The measure word at the beginning of `text`, and after it the noun that names a kind, with those after it that do."""
    words = cut(text)
    measure = words.pop(0) if words and len(words[0]) == 1 and words[0] in _COUNTERS else ""
    made = seen = ""
    for word in words:
        tag = (tagged(word) or "x")[0]
        if not word.isalnum() or tag not in ("nlsjz" if made else "nlsjzabvix" if seen else "nlsjzabix"):
            break
        seen += word
        if kind_of(seen):
            made = seen
    return measure, made
