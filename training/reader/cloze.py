"""Questions made from plain text, to train the reader before it sees any that people wrote (Lewis et al. 2019).

    python training/reader/cloze.py NEWS -o cloze.jsonl.gz [--count 200000]

    sentences -> an answer in one of them -> another sentence that states it too -> question, window, wrong windows

A question is a sentence with its answer replaced by asking words; the window to read holds, where there is one,
*another* sentence with that answer and several rare words in common, of the same or another document, so that copying
does not find it. One row of the file is a shard: its windows, and questions as positions among them.
"""

import argparse
import gzip
import json
import random
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
from scipy import sparse

from rag.periods import periods
from rag.quantities import CURRENCIES, Quantity, quantities
from rag.read.encode import split, tag
from rag.tokens import fold, sentences, tagged
from training.reader.data import occurrences, rows, windows

DOCUMENT_CHARS = 1_200  # read of a document
SHARD = 3_000  # questions
SAME = 0.85  # of the answers that no other sentence tells, the share that is not asked for
RARE, COMMON = 2, 300  # sentences a word stands in, to find others that say the same
SHARES = {
    "number": 0.18, "date": 0.13, "person": 0.14, "place": 0.10, "organisation": 0.13, "title": 0.10, "latin": 0.04,
    "what": 0.10, "list": 0.05, "why": 0.03,
}  # fmt: skip
_NOUN, _VERB, _ADVERB, _PARTICLE, _BREAK, _MARK, _LATIN, _NUMBERS = {1, 2, 3, 4, 5, 6}, 7, 9, 10, 21, 22, 20, {23, 24}
_NAMED = {1, 2, 3, 4, 20}
_INSIDE = _NOUN | {0, 8, 20}  # tags of the words inside a noun phrase; 0 is what jieba does not know
_LEAD = re.compile(
    r"^原标题[:：]|^[^,。]{0,24}?(?:消息|讯|电|报道)[,，:：)）]\s?|^(?:据[^,，]{0,14}[,，])|^[^,，]{0,8}(?:表示|介绍|称|认为|指出)[,，:：“]+"
    r"|^(?:此外|同时|另外|其中|因此|目前|日前|近日|然而|不过|但是?|而且|随后|当时|对此|值得一提的是|据了解|据悉|据介绍)[,，]?"
)
_NOISE = re.compile(
    "责任编辑|流程编辑|责编|编辑[:：]|来源[:：]|客户端|扫码|二维码|版权|本文|声明|点击|公众号|联系电话|返回搜狐|更多内容|u060|下载|免责"
)
_BRACKETS = re.compile(r"[（(\[【][^（）()\[\]【】]{0,40}[)）\]】]")
_SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊"
    "秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤温康施文牛樊葛邢安齐易乔伍庞颜倪庄聂章鲁岳翟殷詹申欧耿关兰焦俞左柳甘祝包宁尚符舒阮柯纪梅童凌毕单季裴霍涂成苗谷"
    "盛曲翁冉骆蓝路游辛靳管柴蒙鲍华喻祁蒲房滕屈饶解牟艾尤阳时穆农司卓古吉缪简车项连芦麦褚娄窦戚岑景党宫费卜冷晏席卫米柏宗瞿桂全佟应臧闵苟邬边卞姬师和仇栾隋商刁沙荣巫寇桑郎"
)
_TITLES = (
    "主任|书记|主席|部长|局长|处长|厅长|司长|省长|市长|县长|区长|镇长|院长|校长|教授|研究员|博士|总理|总统|大使|发言人|经理|董事长|总裁|首席执行官|"
    "ceo|创始人|负责人|队长|教练|主帅|球员|选手|导演|演员|歌手|作家|记者|医生|医师|护士|律师|分析师|专家|秘书长|会长|理事长|所长|站长|村民|居民|老师|学生|"
    "院士|工程师|设计师|总监|员工|民警|科长|司令|外长|主播|制片人|编剧|委员|代表|市民|游客|司机|先生|女士|冠军|将军|妻子|丈夫|儿子|女儿|父亲|母亲"
)
_PERSON = re.compile(
    rf"(?:{_TITLES})([{_SURNAMES}][\u4e00-\u9fff]{{1,2}}?)(?=表示|说|介绍|称|指出|认为|告诉|透露|强调|坦言|在|、|,|，|。|和|与|对|向|率|出席|带|\s|$)"
)
_SPEAKER = re.compile(
    rf"(?:^|[,。、和])([{_SURNAMES}][\u4e00-\u9fff]{{1,2}}?)(?=表示|介绍|认为|指出|告诉|透露|坦言|担任|出生|毕业)"
)
_FOREIGN = re.compile(
    r"[\u4e00-\u9fff]{1,10}(?:·[\u4e00-\u9fff]{1,8}?)+(?=[^\u4e00-\u9fff]|[说称在和与的是将对于表指认被以为也了曾担当获])"
)
_NO_PERSON = {
    "夏威夷",
    "石家庄",
    "张家口",
    "张家界",
    "明斯克",
    "华盛顿",
    "高水平",
    "高科技",
    "马来亚",
    "石景山",
    "康师傅",
}
_SOUNDS = set(
    "阿埃艾爱安昂奥澳巴白柏班邦保鲍贝本比彼毕别宾波伯勃博布查楚茨达戴丹当道德登邓狄迪蒂丁杜顿多厄恩尔法范菲费芬丰冯佛弗夫福富盖甘冈高戈格葛根古瓜圭哈海汉翰杭豪赫黑亨胡华怀惠霍基吉加贾杰"
    "金卡凯坎康考柯科克肯孔库夸拉莱赖兰朗劳勒雷蕾里理利莉丽力列林琳刘龙隆卢鲁露伦罗洛吕马玛迈麦曼芒毛梅门蒙孟米密姆敏明莫默墨木穆拿娜纳乃奈南内尼涅宁纽农努诺欧帕潘庞佩彭皮平泼"
    "珀普齐奇恰钱强乔琼丘让热仁日荣茹儒瑞若萨塞赛桑瑟森沙珊尚绍舍申圣施什石史舒斯丝司松苏素所索塔泰坦汤特滕提廷图土托脱瓦万旺威韦维魏温文翁沃乌吴武西希锡夏显香肖谢辛欣雄休逊雅亚延扬耶叶"
    "伊易因英永尤于约扎泽曾詹珍芝朱兹宗佐"
)
_BODY = re.compile(
    "公司|集团|大学|学院|中学|小学|学校|医院|银行|证券|委员会|委|局|部|厅|中心|研究院|研究所|实验室|协会|学会|联合会|联盟|法院|检察院|政府|基金会|俱乐部|"
    "电视台|报社|出版社|博物馆|交易所|公安局|派出所|事务所|工厂|总队|支队|大队|旅行社|科技|汽车|航空|保险|基金|医药|生物|通信|传媒|法庭|工会"
)
_NO_BODY = {"干部", "总部", "一部", "结构", "部", "局", "全部", "内部", "外部", "东部", "西部", "南部", "北部", "中部", "大部", "结局", "格局", "布局", "俱乐部", "中心", "政府", "科技", "基金", "保险", "生物", "公司", "集团"}  # fmt: skip
_SPOT = re.compile("[省市县区镇乡村路街道岛州湾港桥山河湖园站]$|机场|广场|公园|码头|景区|新区|小区")
_COUNTRIES = set(
    "中国 美国 英国 法国 德国 日本 韩国 朝鲜 俄罗斯 乌克兰 印度 巴西 加拿大 澳大利亚 意大利 西班牙 荷兰 瑞士 瑞典 挪威 芬兰 波兰 土耳其 伊朗 伊拉克 以色列 沙特 埃及 南非 "
    "越南 泰国 缅甸 老挝 柬埔寨 马来西亚 新加坡 菲律宾 印度尼西亚 印尼 巴基斯坦 阿富汗 蒙古 哈萨克斯坦 希腊 葡萄牙 比利时 丹麦 匈牙利 墨西哥 阿根廷 智利 新西兰 古巴 尼日尔".split()
)
_ITEMS = re.compile(
    r"[^,。;:“”\s、的是]{2,12}(?:、[^,。;:“”\s、]{2,12})+(?:(?:和|与|及|以及)[^,。;:“”\s、的等]{2,10})?"
)
# (type of answer, what it matches, asking words, nouns that stand for them); the first that fits
_ASKING: list[tuple[str, str, list[str], list[str]]] = [
    ("date", "[日号]", "什么时候 何时 什么时候 什么时间 哪天 哪一天 几月几日 哪天".split(), ["时间", "日期"]),
    ("date", "月", "什么时候 何时 什么时候 什么时间 哪个月 几月 哪年哪月".split(), ["时间", "月份"]),
    ("date", "年", "什么时候 何时 什么时候 什么时间 哪一年 哪年 哪一年 何年".split(), ["年份", "时间"]),
    ("date", "", "什么时候 何时 什么时候 什么时间".split(), ["时间"]),
    ("person", "", "谁 谁 谁 什么人 哪位 何人".split(), ["姓名", "名字", "人"]),
    ("place", "市$", "哪里 哪儿 什么地方 何地 哪个城市 哪个城市 哪个城市".split(), ["地点"]),
    ("place", "省$", "哪里 哪儿 什么地方 何地 哪个省 哪个省 哪个省".split(), ["地点"]),
    ("place", "县$", "哪里 哪儿 什么地方 何地 哪个县 哪个县 哪个县".split(), ["地点"]),
    ("place", "区$", "哪里 哪儿 什么地方 何地 哪个区 哪个区 哪个区".split(), ["地点"]),
    ("place", "村$", "哪里 哪儿 什么地方 何地 哪个村 哪个村 哪个村".split(), ["地点"]),
    ("place", "镇$", "哪里 哪儿 什么地方 何地 哪个镇 哪个镇 哪个镇".split(), ["地点"]),
    ("place", "路$", "哪里 哪儿 什么地方 何地 哪条路 哪条路 哪条路".split(), ["地点"]),
    ("place", "机场$", "哪里 哪儿 什么地方 何地 哪个机场 哪个机场 哪个机场".split(), ["地点"]),
    ("place", f"^(?:{'|'.join(sorted(_COUNTRIES))})$|国$", "哪个国家 哪国 哪里 哪个国家".split(), ["国家"]),
    ("place", "", "哪里 哪里 哪儿 什么地方 何地 哪个城市 哪个地方 哪座城市 哪".split(), ["地点", "位置", "城市"]),
    (
        "organisation",
        "公司$|集团$|科技$|汽车$|保险$|证券$|医药$",
        "哪家公司 哪个公司 什么公司 哪家企业 谁".split(),
        ["单位", "机构", "名称"],
    ),
    ("organisation", "大学$|学院$", "哪所大学 哪所学校 哪个学校 什么大学 哪所高校".split(), ["单位", "机构", "名称"]),
    ("organisation", "学校$|中学$|小学$", "哪所学校 哪个学校 什么学校".split(), ["单位", "机构", "名称"]),
    ("organisation", "医院$", "哪家医院 哪个医院".split(), ["单位", "机构", "名称"]),
    ("organisation", "银行$", "哪家银行 哪个银行".split(), ["单位", "机构", "名称"]),
    ("organisation", "局$|部$|厅$|委$|委员会$", "哪个部门 什么部门 哪个机构 谁".split(), ["单位", "机构", "名称"]),
    ("organisation", "队$|俱乐部$", "哪支队伍 哪支部队 哪个队 谁".split(), ["单位", "机构", "名称"]),
    ("organisation", "法院$|法庭$", "哪个法院 哪家法院".split(), ["单位", "机构", "名称"]),
    ("organisation", "", "哪个机构 哪家机构 什么机构 哪个组织 哪个单位 哪家单位 谁".split(), ["机构", "单位"]),
    ("list", "", "哪些 哪些 什么 哪几个 哪几种 哪些方面".split(), [""]),
    ("why", "", "为什么 为何 什么原因 为啥".split(), ["原因"]),
    ("title", "^《", "什么 什么 哪部作品 什么文件 哪个文件 哪本书 哪部".split(), ["名称"]),
    ("latin", "", "什么 哪个 哪款 哪家公司 哪一个 谁".split(), ["名称"]),
    ("", "", "什么 什么 什么 哪种 哪个 啥".split(), [""]),
]
_WORKS = {  # what stands before a title, and how it is counted
    "电影": "部电影", "影片": "部电影", "电视剧": "部电视剧", "歌曲": "首歌", "小说": "部小说", "游戏": "款游戏", "报告": "份报告", "文件": "份文件", "杂志": "本杂志",
}  # fmt: skip
_STRIP = set(
    "在 于 自 从 至 到 为 达 达到 约 近 超 超过 共 有 是 了 的 由 被 以 将 逾 高达 至少 仅 和 与 及 , 、".split()
)
_FILLING = set("据 了解 悉 目前 日前 近日 记者 截至 已 已经 也 还 并 均 都 则 又 就 将 共 正在 其中 分别 同时 此前 不仅 进一步 此次 本次 该 这 那 这些 我们 我 他 她 他们 其 了".split())  # fmt: skip


class Answer(NamedTuple):
    """An answer in a sentence: words `[first, last]`, its strings (with and without quotes), type, and a quantity."""

    first: int
    last: int
    texts: list[str]
    type: str
    quantity: Quantity | None = None


class Sentence(NamedTuple):
    """A sentence of a document: its range there."""

    document: int
    start: int
    end: int


class Corpus:
    """The documents, their sentences, and which sentences share rare words."""

    def __init__(self, path: Path, limit: int) -> None:
        """Read the corpus: two to three minutes for 40 million characters."""
        self.texts: list[str] = []
        self.dates: list[str] = []
        self.sentences: list[Sentence] = []
        self.first: list[int] = []  # of each document, the number of its first sentence
        index: dict[str, int] = {}
        ids: list[int] = []
        bounds = [0]
        for row in rows(path):
            if len(self.texts) >= limit:
                break
            text = fold(row["text"])[:DOCUMENT_CHARS]
            self.first.append(len(self.sentences))
            for start, end in sentences(text):
                if not 12 <= end - start <= 160:
                    continue
                words = {w for w, _, _ in split(text[start:end]) if len(w) > 1 or w.isdecimal()}
                ids += [index.setdefault(word, len(index)) for word in sorted(words)]
                bounds.append(len(ids))
                self.sentences.append(Sentence(len(self.texts), start, end))
            self.texts.append(text)
            self.dates.append(row.get("date", ""))
        columns = np.array(ids, dtype=np.int32)
        counts = np.bincount(columns, minlength=len(index))
        weights = np.log(len(self.sentences) / (counts + 1.0)).astype(np.float32)
        self.idf = dict(zip(index, weights.tolist(), strict=True))
        keep = (counts[columns] >= RARE) & (counts[columns] <= COMMON)
        kept = np.concatenate(([0], np.cumsum(keep)))[np.array(bounds)]
        shape = (len(self.sentences), len(index))
        self.matrix = sparse.csr_matrix((weights[columns[keep]], columns[keep], kept), shape=shape)
        full = sparse.csr_matrix((weights[columns] ** 2, columns, np.array(bounds)), shape=shape)
        self.size = np.asarray(full.sum(1)).ravel() + 1e-6
        self._cut: dict[int, list[tuple[int, int, int]]] = {}

    def text(self, sentence: int) -> str:
        """The sentence."""
        document, start, end = self.sentences[sentence]
        return self.texts[document][start:end]

    def similar(self, chosen: np.ndarray, most: int = 12) -> Iterator[tuple[int, list[tuple[int, float]]]]:
        """(sentence, [(another, how much of both they share by weight, 0..1)]), best first."""
        columns = self.matrix.T.tocsr()
        for begin in range(0, len(chosen), 1024):
            part = chosen[begin : begin + 1024]
            product = (self.matrix[part] @ columns).tocsr()
            for row, sentence in enumerate(part.tolist()):
                places = slice(product.indptr[row], product.indptr[row + 1])
                others = product.indices[places]
                share = product.data[places] / np.sqrt(self.size[sentence] * self.size[others])
                share[others == sentence] = 0
                best = np.argsort(-share)[:most]
                yield sentence, [(int(others[i]), float(share[i])) for i in best if share[i] > 0.08]

    def window(self, document: int, start: int) -> tuple[int, int, int]:
        """(document, start, end) of the window a character stands in."""
        return next(found for found in self.windows(document) if found[1] <= start < found[2])

    def windows(self, document: int) -> list[tuple[int, int, int]]:
        """All windows of a document."""
        if document not in self._cut:
            self._cut[document] = [(document, a, b) for a, b in windows(self.texts[document])]
        return self._cut[document]


class _Finder:
    """Collects the answers of a sentence; only runs of whole words count."""

    def __init__(self, text: str, words: list[tuple[str, int, int]], tags: list[int]) -> None:
        self.text, self.words, self.tags = text, words, tags
        self.starts = {start: i for i, (_, start, _) in enumerate(words)}
        self.ends = {end: i for i, (_, _, end) in enumerate(words)}
        self.made: list[Answer] = []

    def add(self, start: int, end: int, kind: str, quantity: Quantity | None = None, inner: str = "") -> None:
        """Add a range of characters."""
        first, last = self.starts.get(start, -1), self.ends.get(end, -1)
        if 0 <= first <= last:
            texts = [self.text[start:end]] + ([inner] if inner else [])
            self.made.append(Answer(first, last, texts, kind, quantity))

    def span(self, first: int, last: int, kind: str) -> None:
        """Add a range of words."""
        texts = [self.text[self.words[first][1] : self.words[last][2]]]
        self.made.append(Answer(first, last, texts, kind))

    def figures(self) -> None:
        """Dates and quantities."""
        found = periods(self.text)
        dated = [(p.start, p.end) for p in found]
        for period in found:
            led = period.start == 0 and self.text[period.start + len(period.text) :][:1] in (",", ":", "")
            if (any(c.isdigit() for c in period.text) or "世纪" in period.text) and not led:
                end = period.start + len(period.text.rstrip())
                if not any(a <= period.start and end <= b and (a, b) != (period.start, period.end) for a, b in dated):
                    self.add(period.start, end, "date")
        for quantity in quantities(self.text):
            start, end = quantity.core
            told = quantity.kind not in ("bare", "rank") and quantity.unit not in ("点", "分", "时")
            digits = any(c.isdigit() for c in self.text[start:end])
            if told and digits and not any(a < end and start < b for a, b in dated):
                self.add(start, end, "number", quantity)

    def names(self) -> None:
        """What stands in quotes, and people."""
        for match in re.finditer(r"《([^《》]{2,24})》", self.text):
            self.add(*match.span(), "title", inner=match[1])
        for match in re.finditer(r"“([^“”,。;]{2,12})”", self.text):
            self.add(*match.span(), "title", inner=match[1])
        for match in _PERSON.finditer(self.text):
            self.add(*match.span(1), "person")
        for match in _FOREIGN.finditer(self.text):
            start = match.start()
            dot = match[0].index("·") + start
            begin = dot
            while begin > start and self.text[begin - 1] in _SOUNDS:
                begin -= 1
            if begin < dot:
                self.add(begin, match.end(), "person")
        for match in _SPEAKER.finditer(self.text):
            self.add(*match.span(1), "person")
        for first in range(len(self.words)):
            last = self._person(first)
            if last >= 0:
                self.span(first, last, "person")

    def _person(self, first: int) -> int:
        """The last word of a name that begins with a word and follows a title or precedes what people do, else -1."""
        word, start, end = self.words[first]
        before = self.words[first - 1][0] if first else ""
        called = bool(re.search(f"(?:{_TITLES})$", before))
        if before == "·" or self.text[end : end + 1] == "·" or not (called or word[0] in _SURNAMES):
            return -1
        last = first
        if self.tags[first] != 1 or len(word) < 2:  # jieba does not know it
            sounds = start
            while called and sounds < len(self.text) and self.text[sounds] in _SOUNDS:
                sounds += 1
            if sounds - start > 2 and sounds in self.ends:
                last = self.ends[sounds]
            elif word in _SURNAMES and first + 1 < len(self.words):
                last = first + 1
                following = self.words[first + 2][0] if first + 2 < len(self.words) else ""
                if len(self.words[last][0]) == 1 and len(following) == 1 and self.tags[first + 2] in (0, 1, 5, 6, 8):
                    last += 1
            size = self.words[last][2] - start
            if (
                last == first
                or not self.text[start : start + size].isalpha()
                or "某" in self.text[start : start + size]
            ):
                return -1
        end = self.words[last][2]
        said = re.match("表示|说|介绍|称|指出|认为|告诉|透露|强调|出席|率|主持", self.text[end:])
        apart = last + 1 == len(self.words) or self.tags[last + 1] in (_VERB, _ADVERB, _PARTICLE, 11, 12, _BREAK, _MARK)
        whole = self.tags[first] == 1 and len(word) == 3 and word not in _NO_PERSON and before != "最"
        return last if (said and len(before) != 1) or (called and apart) or (whole and apart) else -1

    def phrases(self) -> None:
        """Places, organisations, Latin names and noun phrases: the longest runs of words that can stand in one."""
        n, at, tags = len(self.words), 0, self.tags
        while at < n:
            if tags[at] not in _INSIDE:
                at += 1
                continue
            stop = at
            while stop + 1 < n and tags[stop + 1] in _INSIDE | _NUMBERS and stop - at < 9:
                stop += 1
            while tags[stop] in _NUMBERS and not any(tags[i] == _LATIN for i in range(at, stop)):
                stop -= 1
            kind, last = self._kind(at, stop)
            if kind:
                self.span(at, last, kind)
            at = stop + 1

    def _kind(self, first: int, last: int) -> tuple[str, int]:
        """What a run of words is, "" for nothing to ask for, and its last word as an answer."""
        words, tags = self.words, self.tags
        before = words[first - 1][0] if first else ""
        after = words[last + 1][0] if last + 1 < len(words) else ""
        size = words[last][2] - words[first][1]
        ending = words[last][0]
        inside = tags[first : last + 1]
        body = _is_body(ending, size, last > first)
        if body is not None:
            return "organisation" if body else "", last
        if 2 <= size <= 12 and set(inside) == {2}:
            return ("" if before == "、" or after in ("、", "和", "与") else "place"), last
        if _SPOT.search(ending) and 3 <= size <= 12 and before in ("在", "于", "到", "位于", "来自", "前往", "至"):
            return "place", last
        if set(inside) <= {_LATIN} | _NUMBERS and 2 <= size <= 24:
            return "latin", last
        if tags[first] == _LATIN and size <= 18:
            return "latin", next((i - 1 for i in range(first, last + 1) if tags[i] not in {_LATIN} | _NUMBERS), last)
        object_ = first and tags[first - 1] in (_VERB, _PARTICLE) and last > first and 4 <= size <= 14
        closed = last + 1 == len(words) or tags[last + 1] == _BREAK
        if object_ and closed and tags[last] in _NOUN and not _NUMBERS & set(inside):
            return "what", last
        return "", last

    def rest(self) -> None:
        """Enumerations and reasons."""
        for match in _ITEMS.finditer(self.text):
            found = _list(self.words, self.tags, *match.span())
            if found:
                self.span(*found, "list")
        for match in re.finditer(
            r"(?:由于|因为|(?<![^,。])因|受|为了|原因是|原因在于)([^,。;:“”]{5,30}?)(?:影响)?,", self.text
        ):
            first, last = self.starts.get(match.start(1), -1), self.ends.get(match.end(1), -1)
            if 0 <= first < last and match.start() in self.starts:
                self.span(first, last, "why")


def answers(text: str, words: list[tuple[str, int, int]], tags: list[int]) -> list[Answer]:
    """What could be asked for in a sentence."""
    finder = _Finder(text, words, tags)
    for step in (finder.figures, finder.names, finder.phrases, finder.rest):
        step()
    return finder.made


def _is_body(ending: str, size: int, several: bool) -> bool | None:
    """Whether a phrase of `size` characters that ends with a word is an organisation; None where that says nothing."""
    if _BODY.search(ending[-4:]) and ending not in _NO_BODY and not ending.endswith(tuple("长员者人")):
        return _BODY.search(ending).end() == len(ending) and 4 <= size <= 20
    bodies = ("公司", "集团", "科技", "基金", "中心", "政府", "俱乐部")
    return True if ending in bodies and several and 4 <= size <= 20 else None


def _list(words: list[tuple[str, int, int]], tags: list[int], start: int, end: int) -> tuple[int, int] | None:
    """The enumeration inside a range: its first item begins after the last word that is no part of a noun phrase."""
    inside = [i for i, (_, a, b) in enumerate(words) if start <= a and b <= end]
    commas = [i for i in inside if words[i][0] == "、"]
    if not commas:
        return None
    first = commas[0]
    while first - 1 in inside and tags[first - 1] in _INSIDE | {_VERB} and commas[0] - first < 4:
        if tags[first - 1] == _VERB:
            break
        first -= 1
    last = inside[-1]
    joint = [i for i in inside if i > commas[-1] and words[i][0] in ("和", "与", "及", "以及")]
    low = joint[0] if joint else commas[-1]
    stop = low
    while stop + 1 <= last and tags[stop + 1] in _INSIDE and stop - low < 4:
        stop += 1
    after = words[stop + 1][0] if stop + 1 < len(words) else "。"
    whole = after in ("等", "的", "在", "是", "为") or tag(after) in (_BREAK, _VERB)
    clean = all(words[i][0] == "、" or i == low or tags[i] in _INSIDE for i in range(first, stop + 1))
    ok = first < commas[0] and stop > low and words[stop][2] - words[first][1] <= 36 and whole and clean
    return (first, stop) if ok else None


def _number_words(quantity: Quantity, choice: Callable[[list[str]], str]) -> tuple[str, str]:
    unit = re.sub(r"^[\d.,\s十百千万亿零一二三四五六七八九两〇%]+", "", quantity.text[len(quantity.approximation) :])
    unit = re.sub(r"(?:多|余|以上|以下|左右|以内)$", "", quantity.unit) or unit
    noun = {"元": "金额"}.get(unit, "数量")
    if quantity.kind == "percent":
        return choice(["百分之多少", "多少", "多少", "百分之几", "多大比例", "多少个百分点"]), choice(
            ["比例", "幅度", "占比"]
        )
    if quantity.kind == "money" or unit in CURRENCIES:
        return choice(["多少", "多少" + unit, "多少钱", "多少亿" + unit, "多少" + unit]), choice(
            ["金额", "数额", "价格"]
        )
    if unit in ("岁", "周岁"):
        return choice(["多大", "几岁", "多少岁", "多大年纪"]), "年龄"
    if unit in ("小时", "分钟", "秒", "天", "个月", "年", "周"):
        return choice(["多久", "多长时间", "多少" + unit, "几" + unit, "多少时间"]), "时长"
    if unit in ("公里", "米", "千米", "厘米", "海里"):
        return choice(["多少" + unit, "多少", "多远", "多长", "多高"]), choice(["长度", "距离", "高度"])
    if unit == "人":
        return choice(["多少人", "几人", "多少名", "多少", "几个人", "几位"]), "人数"
    if quantity.value < 20:
        return choice(["几" + unit, "多少" + unit, "几" + unit, "多少"]), noun
    return choice(["多少" + unit, "多少", "多少" + unit, "多少个"]), noun


def asking(answer: Answer, before: str, after: str, choice: Callable[[list[str]], str]) -> tuple[str, str]:
    """The asking words for an answer between two words, and the noun that stands for them in a key-word query."""
    body = answer.texts[0]
    if answer.type == "number":
        return _number_words(answer.quantity, choice)
    if answer.type == "title" and body[0] == "《" and before in _WORKS:
        kind = _WORKS[before]
        return choice(["哪" + kind, "什么" + kind[1:], "哪" + kind]), "名称"
    named = answer.type == "latin" or (answer.type == "title" and body[0] != "《")
    if named and tagged(after)[:1] == "n" and len(after) > 1:
        return choice(["什么", "哪个", "哪一个", "什么"]), "名称"
    for kind, pattern, words, nouns in _ASKING:
        if kind in (answer.type, "") and re.search(pattern, body):
            return choice(words), choice(nouns) if len(nouns) > 1 else nouns[0]
    raise ValueError(answer.type)


class Writer:
    """Turns sentences into questions; `generator` makes all choices."""

    def __init__(self, idf: dict[str, float], generator: random.Random) -> None:
        self.idf, self.generator = idf, generator

    def weight(self, word: str) -> float:
        """The weight of a word, 0 for what carries no meaning."""
        kind = tag(word)
        if kind in (_BREAK, _MARK, _ADVERB, _PARTICLE, 11, 12, 13) or word in _FILLING:
            return 0.0
        return min(self.idf.get(word, 2.0 if len(word) == 1 else 10.0), 10.0)

    def question(
        self, words: list[tuple[str, int, int]], tags: list[int], answer: Answer, topic: str, drop: float
    ) -> str:
        """A question for `answer`; "" where none can be made. `drop` is the share of its words that is left out."""
        chance, choice = self.generator.random, self.generator.choice
        left, right = _clause(words, tags, answer)
        first, last = answer.first, answer.last
        while left > 0 and sum(self.weight(w) > 3 for w, _, _ in words[left:first] + words[last + 1 : right]) < (
            3 if chance() < 0.7 else 5
        ):
            left -= 1  # what stands alone in its clause needs the one before
            while left > 0 and tags[left - 1] != _BREAK:
                left -= 1
        if answer.type == "why":
            stop = next((i for i in range(last + 2, len(words)) if tags[i] == _BREAK), len(words))
            left, right, first = left, stop, first - 1  # the conjunction goes
        before, after = _units(words[left:first]), _units(words[last + 1 : right])
        single = words[first - 1][0] if first > left else ""
        ask, noun = asking(answer, single, words[last + 1][0] if last + 1 < right else "", choice)
        limit = self.generator.randint(11, 34)
        if answer.type == "person" and before and re.search(f"(?:{_TITLES})$", before[-1]) and chance() < 0.75:
            if chance() < 0.6:
                ask = "哪位" + before.pop() if chance() < 0.5 else "谁" if before.pop() else ""
            else:
                after = []
                ask = "是" + choice(["谁", "谁", "哪位", "什么人"])
        before, after = self._thin(before, drop), self._thin(after, drop)
        before, after = self._fit(before, after, limit)
        if topic and topic not in "".join(before + after) and topic not in answer.texts[0]:
            before = [topic, *before]
        if sum(self.weight(w) for w in before + after) < 11 or sum(self.weight(w) > 3 for w in before + after) < 2:
            return ""
        made = self._order(before, after, ask, noun, answer.type)
        return "" if any(t in made for t in answer.texts) else made

    def _thin(self, words: list[str], drop: float) -> list[str]:
        chance = self.generator.random
        made: list[str] = []
        for word in words:
            kind = tag(word)
            if (kind == _MARK and word not in "%.-·") or (kind == _BREAK and (not made or chance() < 0.5)):
                continue
            if (word in _FILLING and chance() < 0.75) or (kind == _ADVERB and chance() < 0.4):
                continue
            if kind != _BREAK and len(word) > 1 and chance() < (drop * 0.4 if kind in _NAMED else drop):
                continue
            made.append(word)
        return made

    def _fit(self, before: list[str], after: list[str], limit: int) -> tuple[list[str], list[str]]:
        """Words go until `limit` characters are left: those far from the answer and of little weight first."""
        if sum(map(len, before)) > limit // 2 and self.generator.random() < 0.5:
            after = after[: self.generator.randint(0, 3)]
        worth = [[self.weight(w) + (2.5 if tag(w) == _VERB else 0) for w in words] for words in (before, after)]
        rank = [(w + (3 if len(before) - i <= 2 or i == 0 else 0), 0, i) for i, w in enumerate(worth[0])]
        rank += [(w + (3 if i < 2 else 0), 1, i) for i, w in enumerate(worth[1])]
        over = sum(map(len, before + after)) - limit
        gone = set()
        for _, side, i in sorted(rank):
            if over <= 0:
                break
            gone.add((side, i))
            over -= len((before, after)[side][i])
        return [w for i, w in enumerate(before) if (0, i) not in gone], [
            w for i, w in enumerate(after) if (1, i) not in gone
        ]

    def _order(self, before: list[str], after: list[str], ask: str, noun: str, kind: str) -> str:
        """The words with the asking words in place, in front, at the end, or as key words without any."""
        style = self.generator.random()
        if style < 0.22:
            return self._keywords(before + after, noun)
        bare = list(before)
        while bare and bare[-1] in _STRIP:
            bare.pop()
        if kind == "why":
            front = self.generator.random() < 0.6
            made = [ask, *bare, *after] if front else [*bare[:1], ask, *bare[1:], *after]
        elif kind == "date" and style < 0.36 and after:
            made = [ask, *bare, *after] if style < 0.28 else [*bare, ask, *after]
        else:
            link = self._link(before, after, kind, style)
            made = [*before, ask, *after] if link is None else [*bare, *after, link, ask]
        return _join(made) + self.generator.choice(["?", "?", "", ""])

    def _link(self, before: list[str], after: list[str], kind: str, style: float) -> str | None:
        """What stands between the rest of a question and asking words at its end; None to leave them in place."""
        choice = self.generator.choice
        if kind == "date" and style < 0.6 and after:
            return choice(["是", "是在", "的时间是", "在"])
        if kind == "place" and style < 0.6 and after and before[-1:] and before[-1] in ("在", "位于", "于"):
            return choice(["是在", "在", "的地点是"])
        if kind == "number" and style < 0.65 and not after:
            return choice(["是", "有", "达到", "为", "", "达", "共"])
        if kind in ("person", "organisation", "latin", "title") and style < 0.5 and after and not before:
            return choice(["的是", "的是", "的人是" if kind == "person" else "的", "是"])
        if kind in ("what", "list", "title", "latin") and style < 0.5 and not after:
            return choice(["的是", "了", ""])
        return None

    def _keywords(self, words: list[str], noun: str) -> str:
        """The words that carry meaning, at times in another order, with blanks, and with `noun`."""
        chance = self.generator.random
        kept = [w for w in words if self.weight(w) > 0 or chance() < 0.1]
        if chance() < 0.3 and len(kept) > 2:
            at = self.generator.randrange(1, len(kept))
            kept = kept[at:] + kept[:at]
        if noun and chance() < 0.4:
            kept.append(noun)
        blank = self.generator.choice([0.2, 0.5, 1.0])
        return "".join(w + (" " if chance() < blank else "") for w in kept).strip()


def _clause(words: list[tuple[str, int, int]], tags: list[int], answer: Answer) -> tuple[int, int]:
    """The words of the clause around an answer, half open."""
    left, right = answer.first, answer.last + 1
    while left > 0 and tags[left - 1] != _BREAK:
        left -= 1
    while right < len(words) and tags[right] != _BREAK:
        right += 1
    return left, right


def _units(words: list[tuple[str, int, int]]) -> list[str]:
    """The words, with those of a number, a name or a quotation as one: they are kept or left out together."""
    made: list[str] = []
    end, last, depth = -1, "", 0
    for word, start, stop in words:
        glued = start == end and made and (
            depth > 0 or last in "·.-%:" or word in "·.-%" or (last[-1].isdecimal() and tag(word) not in (_BREAK, _VERB))
            or (tag(last) in (0, 1, _LATIN) and tag(word) in (0, 1, _LATIN, 23, 24))
        )  # fmt: skip
        if word in "”》":
            depth = 0
        if glued and tag(word) != _BREAK:
            made[-1] += word
        else:
            made.append(word)
        if word in "“《":
            depth = 1
        end, last = stop, word
    return made


def _join(words: list[str]) -> str:
    made = ""
    for word in words:
        made += (
            " "
            if made and made[-1].isascii() and made[-1].isalnum() and word[:1].isascii() and word[:1].isalnum()
            else ""
        ) + word
    return made.strip(" ,")


def topic(corpus: Corpus, sentence: int, writer: Writer, generator: random.Random) -> str:
    """A word or two that say what the document is about, from its beginning, or the month it is of."""
    document = corpus.sentences[sentence].document
    dated = re.match(r"(\d{4})-0?(\d+)-0?(\d+)", corpus.dates[document])
    if dated and generator.random() < 0.15:
        return f"{dated[1]}年" + generator.choice(["", f"{dated[2]}月", f"{dated[2]}月{dated[3]}日"])
    words = split(_BRACKETS.sub("", _LEAD.sub("", corpus.texts[document][:120])))[:40]
    text = corpus.texts[document][:600]
    best = sorted(
        (i for i, (w, _, _) in enumerate(words) if tag(w) in _INSIDE - {5} and len(w) > 1),
        key=lambda i: -(text.count(words[i][0]) ** 0.7) * writer.weight(words[i][0]),
    )[:2]
    if not best:
        return ""
    at = best[0] if generator.random() < 0.7 else best[-1]
    stop = at
    while generator.random() < 0.5 and stop + 1 < len(words) and tag(words[stop + 1][0]) in _INSIDE and stop - at < 2:
        stop += 1
    return "".join(w for w, _, _ in words[at : stop + 1])


def make(corpus: Corpus, count: int, seed: int) -> Iterator[dict]:
    """Rows of one question each, types near their shares: its window and wrong windows as ranges of documents."""
    generator = random.Random(seed)
    writer = Writer(corpus.idf, generator)
    order = np.random.default_rng(seed).permutation(len(corpus.sentences))
    tally: Counter[str] = Counter()
    seen: set[tuple[int, str]] = set()
    for source, others in corpus.similar(order):
        if sum(tally.values()) >= count:
            return
        text = _BRACKETS.sub("", _LEAD.sub("", corpus.text(source)))
        if _NOISE.search(text):
            continue
        words = split(text)
        if not 5 <= len(words) <= 90:
            continue
        tags = [tag(w) for w, _, _ in words]
        found = answers(text, words, tags)
        generator.shuffle(found)
        found.sort(key=lambda a: tally[a.type] / SHARES[a.type])
        used: set[str] = set()
        for answer in found:
            enough = tally[answer.type] > SHARES[answer.type] * (sum(tally.values()) + 400) * 1.2
            if len(used) >= 3 or answer.type in used or enough:
                continue
            left, right = _clause(words, tags, answer)
            told, how = _telling(corpus, source, others, text[words[left][1] : words[right - 1][2]], answer)
            key = (corpus.sentences[told].document, answer.texts[-1])
            if key in seen or (how == "same" and generator.random() < SAME):
                continue
            row = _row(corpus, writer, source, told, how, others, (text, words, tags), answer)
            if row:
                seen.add(key)
                used.add(answer.type)
                tally[answer.type] += 1
                yield row


def _telling(
    corpus: Corpus, source: int, others: list[tuple[int, float]], clause: str, answer: Answer
) -> tuple[int, str]:
    """The sentence to read for an answer, and whether it is the same one, another of the document, or of another.

    A sentence that repeats the clause of the question word for word is no other.
    """
    document = corpus.sentences[source].document
    for other, share in others:
        text = corpus.text(other)
        if share > 0.12 and clause not in text and occurrences(text, answer.texts[-1:]):
            return other, "document" if corpus.sentences[other].document == document else "other"
    return source, "same"


def _row(
    corpus: Corpus, writer: Writer, source: int, told: int, how: str, others: list[tuple[int, float]],
    cut: tuple[str, list[tuple[str, int, int]], list[int]], answer: Answer,
) -> dict | None:  # fmt: skip
    generator = writer.generator
    about = ""
    if generator.random() < 0.35 and source != corpus.first[corpus.sentences[source].document]:
        about = topic(corpus, source, writer, generator)
    asked = writer.question(*cut[1:], answer, about, 0.15 if how == "same" else 0.05)
    if not 5 <= len(asked) <= 45:
        return None
    document, start, _ = corpus.sentences[told]
    right = corpus.window(document, start)
    shown = corpus.texts[document][right[1] : right[2]]
    spans = occurrences(shown, answer.texts)
    if len(answer.texts[-1]) <= 3:  # what is as short may stand there for something else
        low, high = start - right[1], corpus.sentences[told].end - right[1]
        spans = [(a, b) for a, b in spans if low <= a and b <= high]
    carrying = [(w, writer.weight(w)) for w, _, _ in split(asked)]
    if not spans or sum(v for w, v in carrying if w in shown) < 0.4 * sum(v for _, v in carrying):
        return None
    wrong = {corpus.window(corpus.sentences[o].document, corpus.sentences[o].start) for o, _ in others}
    wrong |= set(corpus.windows(document))
    bare = answer.texts[-1] if answer.type != "number" else re.sub(r"\D+$", "", answer.texts[0])
    hard = [w for w in sorted(wrong) if w != right and bare not in corpus.texts[w[0]][w[1] : w[2]]]
    generator.shuffle(hard)
    return {
        "question": asked, "type": answer.type, "how": how, "answer": answer.texts[-1], "window": right, "spans": spans,
        "wrong": hard[:2],
    }  # fmt: skip


def write(corpus: Corpus, made: list[dict], path: Path, seed: int) -> None:
    """Shards of questions, those of a document together, with the texts of their windows."""
    generator = random.Random(seed)
    keys = {document: generator.random() for document in range(len(corpus.texts))}
    made.sort(key=lambda row: (keys[row["window"][0]], row["question"]))
    with gzip.open(path, "wt", encoding="utf-8", compresslevel=3) as handle:
        for begin in range(0, len(made), SHARD):
            part = made[begin : begin + SHARD]
            places: dict[tuple[int, int, int], int] = {}
            for row in part:
                row["window"] = places.setdefault(row["window"], len(places))
                row["wrong"] = [places.setdefault(w, len(places)) for w in row["wrong"]]
            shown = [corpus.texts[d][a:b] for d, a, b in places]
            handle.write(json.dumps({"windows": shown, "questions": part}, ensure_ascii=False) + "\n")


def main() -> None:
    """Write the questions."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("news", type=Path)
    parser.add_argument("-o", "--output", type=Path, required=True)
    parser.add_argument("--count", type=int, default=200_000)
    parser.add_argument("--limit", type=int, default=10**9, help="documents that are read")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    began = time.time()
    corpus = Corpus(arguments.news, arguments.limit)
    print(f"{len(corpus.sentences)} sentences in {time.time() - began:.0f} s", flush=True)
    made = []
    for row in make(corpus, arguments.count, arguments.seed):
        made.append(row)
        if len(made) % 20_000 == 0:
            print(f"{len(made)} questions in {time.time() - began:.0f} s", flush=True)
    print(Counter(row["type"] for row in made), Counter(row["how"] for row in made), flush=True)
    write(corpus, made, arguments.output, arguments.seed)


if __name__ == "__main__":
    main()
