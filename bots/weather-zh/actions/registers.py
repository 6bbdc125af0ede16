"""What an identity number or a mobile phone's number says by itself, in China and Taiwan."""

import re
from datetime import date

ID, PHONE = "身分證", "電話"
UNKNOWN = "我的表裡沒有"
_MAINLAND_ID = re.compile("[0-9]{17}[0-9X]")
_TAIWAN_ID = re.compile("[A-Z][12][0-9]{8}")
_MAINLAND_PHONE = re.compile("1[3-9][0-9]{9}")
_TAIWAN_PHONE = re.compile("09[0-9]{8}")
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"
_PROVINCES = {
    "11": "北京",
    "12": "天津",
    "13": "河北",
    "14": "山西",
    "15": "內蒙古",
    "21": "遼寧",
    "22": "吉林",
    "23": "黑龍江",
    "31": "上海",
    "32": "江蘇",
    "33": "浙江",
    "34": "安徽",
    "35": "福建",
    "36": "江西",
    "37": "山東",
    "41": "河南",
    "42": "湖北",
    "43": "湖南",
    "44": "廣東",
    "45": "廣西",
    "46": "海南",
    "50": "重慶",
    "51": "四川",
    "52": "貴州",
    "53": "雲南",
    "54": "西藏",
    "61": "陝西",
    "62": "甘肅",
    "63": "青海",
    "64": "寧夏",
    "65": "新疆",
}
_COUNTIES = {
    "A": "臺北市",
    "B": "臺中市",
    "C": "基隆市",
    "D": "臺南市",
    "E": "高雄市",
    "F": "新北市",
    "G": "宜蘭縣",
    "H": "桃園市",
    "I": "嘉義市",
    "J": "新竹縣",
    "K": "苗栗縣",
    "M": "南投縣",
    "N": "彰化縣",
    "O": "新竹市",
    "P": "雲林縣",
    "Q": "嘉義縣",
    "T": "屏東縣",
    "U": "花蓮縣",
    "V": "臺東縣",
    "W": "金門縣",
    "X": "澎湖縣",
    "Z": "連江縣",
}
_LETTERS = "ABCDEFGHJKLMNPQRSTUVXYWZIO"
"""In the order of their values, from 10 on."""
_CARRIERS = {
    "中國移動": "134 135 136 137 138 139 147 150 151 152 157 158 159 178 182 183 184 187 188 195 197 198",
    "中國聯通": "130 131 132 145 155 156 166 175 176 185 186 196",
    "中國電信": "133 149 153 173 177 180 181 189 190 191 193 199",
    "中國廣電": "192",
}


def kind_of(number: str) -> str | None:
    """Whether it is an identity number or a phone's; None where it is neither, or its check fails."""
    if _MAINLAND_PHONE.fullmatch(number) or _TAIWAN_PHONE.fullmatch(number):
        return PHONE
    return ID if _is_mainland_id(number) or _is_taiwan_id(number) else None


def answer_to(number: str, business: str) -> str:
    """歸屬地, 生日, 性別 or 電信業者 of a number that is one."""
    is_mainland = len(number) == 18 or number.startswith("1")
    if business == "歸屬地":
        return _home(number, is_mainland)
    if business == "生日":
        return _birthday(number) if len(number) == 18 else "這種號碼看不出來"
    if business == "性別":
        is_man = number[16] in "13579" if len(number) == 18 else number[1] == "1"
        return "男" if is_man else "女"
    carriers = (carrier for carrier, heads in _CARRIERS.items() if number[:3] in heads.split())
    return next(carriers, UNKNOWN)


def _home(number: str, is_mainland: bool) -> str:
    if kind_of(number) == PHONE:
        return "中國大陸" if is_mainland else "臺灣"
    return _PROVINCES.get(number[:2], UNKNOWN) if is_mainland else _COUNTIES.get(number[0], UNKNOWN)


def _birthday(number: str) -> str:
    return f"{number[6:10]}年{int(number[10:12])}月{int(number[12:14])}日"


def _is_mainland_id(number: str) -> bool:
    if not _MAINLAND_ID.fullmatch(number):
        return False
    try:
        date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return False
    total = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, number[:17], strict=True))
    return _CHECKS[total % 11] == number[17]


def _is_taiwan_id(number: str) -> bool:
    if not _TAIWAN_ID.fullmatch(number):
        return False
    letter = 10 + _LETTERS.index(number[0])
    digits = [letter // 10, letter % 10, *map(int, number[1:])]
    return sum(w * d for w, d in zip((1, 9, 8, 7, 6, 5, 4, 3, 2, 1, 1), digits, strict=True)) % 10 == 0
