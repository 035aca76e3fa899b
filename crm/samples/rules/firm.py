"""The words of a plausible small firm that fits out offices, shops and surgeries, in both languages."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Firm:
    """Word lists; each account name appears once, the rest are drawn from.

    accounts: (name, city, trade). products: (name, code, series, list price). works: names of opportunities.
    notes: bodies of activities by kind. steps: titles of tasks.
    """

    people: tuple[tuple[str, str], ...]
    accounts: tuple[tuple[str, str, str], ...]
    first_names: tuple[str, ...]
    last_names: tuple[str, ...]
    job_titles: tuple[str, ...]
    products: tuple[tuple[str, str, str, int], ...]
    works: tuple[str, ...]
    notes: dict[str, tuple[str, ...]]
    steps: tuple[str, ...]
    family_first: bool = False

    def contact_name(self, first: str, last: str) -> str:
        return f"{last}{first}" if self.family_first else f"{first} {last}"


ENGLISH = Firm(
    people=(
        ("Tom Reyes", "Account manager"),
        ("Aisha Khan", "Account manager"),
        ("Ben Carter", "Project designer"),
    ),
    accounts=(
        ("Northgate Dental Group", "Leeds", "Medical"),
        ("Kestrel Coffee Roasters", "York", "Retail"),
        ("Calder Logistics", "Wakefield", "Services"),
        ("Lumen Co-working", "Leeds", "Services"),
        ("Halden & Moore Solicitors", "Harrogate", "Services"),
        ("Orchard Day Nursery", "Otley", "Education"),
        ("Stonebridge Brewery", "Skipton", "Manufacturing"),
        ("Pennine Physio", "Huddersfield", "Medical"),
        ("Redbrick Primary Trust", "Bradford", "Education"),
        ("Fenwick Architects", "Leeds", "Building"),
        ("Beacon Housing", "Halifax", "Building"),
        ("Ashby Veterinary", "Ilkley", "Medical"),
        ("Millrace Books", "Hebden Bridge", "Retail"),
        ("Tarn Software", "Leeds", "Technology"),
        ("Wharfe Valley Opticians", "Otley", "Medical"),
        ("Copper Kettle Kitchens", "Keighley", "Retail"),
        ("Aire Street Studios", "Leeds", "Services"),
        ("Greenhow Accountants", "Ripon", "Finance"),
        ("Saltaire Gallery", "Shipley", "Retail"),
        ("Moorside Pharmacy", "Bingley", "Medical"),
        ("Dales Credit Union", "Skipton", "Finance"),
        ("Ridgeway Garages", "Barnsley", "Services"),
        ("Canal Basin Hotel", "Leeds", "Services"),
        ("Thornhill Academy", "Dewsbury", "Education"),
    ),
    first_names=(
        "Lena", "Samir", "Joan", "Priya", "Marcus", "Ellie", "Owen", "Grace", "Daniel", "Ruth", "Hassan", "Megan",
        "Peter", "Zoe", "Callum", "Nadia",
    ),
    last_names=(
        "Voss", "Patel", "Whitby", "Sharma", "Lowe", "Barnes", "Hughes", "Ellison", "Okoro", "Marsh", "Rahman",
        "Doyle", "Novak", "Fletcher", "Grant", "Silva",
    ),
    job_titles=("Practice director", "Facilities manager", "Owner", "Accounts payable", "Head of operations"),
    products=(
        ("Reception desk, oak", "RD-110", "Furniture", 2400),
        ("Waiting room bench", "WB-200", "Furniture", 640),
        ("Acoustic wall panel", "AP-310", "Acoustics", 185),
        ("Acoustic ceiling raft", "AR-320", "Acoustics", 420),
        ("Meeting pod, four seats", "MP-400", "Rooms", 7900),
        ("Glass partition, per metre", "GP-410", "Rooms", 360),
        ("Design day", "SV-010", "Services", 750),
        ("Site survey", "SV-020", "Services", 480),
        ("Care plan, one year", "CP-100", "Services", 1200),
    ),
    works=(
        "Reception and waiting room", "Head office move", "Ground floor refit", "Acoustic panels for the hall",
        "Two consulting rooms", "Taproom and offices", "Boardroom and library", "Café counter", "Studio mezzanine",
        "Treatment suite, phase 2", "Community room", "Shop front", "Meeting pods", "Care plan renewal",
    ),
    notes={
        "note": (
            "Wants the work done in two phases so that the ground floor stays open.",
            "Budget is agreed; the board meets at the end of the month.",
            "Prefers oak to ash after seeing the samples.",
        ),
        "call": (
            "Talked through the second layout; happy with the new waiting area.",
            "Asked for fire rating certificates with the next drawing.",
            "Will speak to the landlord about access on Saturdays.",
        ),
        "meeting": (
            "Walked the site, measured the hall and agreed the order of works.",
            "Design review: three changes noted, new drawing promised for Friday.",
        ),
        "visit": ("Measured 214 m² with 3.2 m ceilings; the floor can stay.",),
    },
    steps=(
        "Send the revised layout", "Ring about access dates", "Chase sign-off on the quote", "Book the site survey",
        "Confirm the electrician", "Send care plan renewal", "Ask for a referral", "Prepare the design review",
    ),
)  # fmt: skip

CHINESE = Firm(
    people=(("赵晓峰", "客户经理"), ("林婉清", "客户经理"), ("周子墨", "设计师")),
    accounts=(
        ("宁波海曙口腔医院", "宁波", "医疗"),
        ("南京焙客咖啡", "南京", "零售"),
        ("杭州悦行物流", "杭州", "服务"),
        ("苏州澄湖置业", "苏州", "建筑"),
        ("上海听涛律师事务所", "上海", "服务"),
        ("苏州第五实验小学", "苏州", "教育"),
        ("无锡蓝海软件", "无锡", "科技"),
        ("昆山精拓电子", "昆山", "制造"),
        ("常州艾格照明", "常州", "制造"),
        ("绍兴越城书店", "绍兴", "零售"),
        ("嘉兴南湖幼儿园", "嘉兴", "教育"),
        ("杭州西溪康复中心", "杭州", "医疗"),
        ("上海徐汇共享办公", "上海", "服务"),
        ("南通江海会计师事务所", "南通", "金融"),
        ("宁波甬江汽修", "宁波", "服务"),
        ("扬州瘦西湖酒店", "扬州", "服务"),
        ("湖州安吉竹业", "湖州", "制造"),
        ("金华义乌商贸", "金华", "零售"),
        ("镇江金山眼科", "镇江", "医疗"),
        ("台州路桥五金", "台州", "制造"),
    ),
    first_names=("海燕", "佳怡", "明", "志强", "晓彤", "建国", "雨桐", "伟", "静怡", "子涵", "浩然", "丽华"),
    last_names=("吴", "沈", "周", "王", "李", "张", "刘", "黄", "徐", "孙", "马", "朱"),
    job_titles=("院长", "采购主管", "总经理", "行政经理", "后勤科长"),
    products=(
        ("橡木前台", "QT-110", "家具", 16800),
        ("候诊区长椅", "HZ-200", "家具", 3600),
        ("吸音墙板", "XY-310", "声学", 980),
        ("吸音吊顶", "XD-320", "声学", 2200),
        ("四人会议舱", "HY-400", "空间", 46800),
        ("玻璃隔断（每米）", "BL-410", "空间", 1880),
        ("设计日", "FW-010", "服务", 3000),
        ("现场勘测", "FW-020", "服务", 1800),
        ("年度保养", "BY-100", "服务", 6800),
    ),
    works=(
        "门诊大厅翻新", "总部搬迁", "首层改造", "礼堂吸音工程", "两间诊室", "展厅与办公区", "会议室与图书室", "咖啡吧台",
        "夹层工作室", "诊室改造二期", "社区活动室", "门店形象", "会议舱采购", "年度保养续签",
    ),
    notes={
        "note": ("希望分两期施工，首层照常营业。", "预算已批，月底上会。", "看过样品后更喜欢橡木。"),
        "call": ("沟通第二版方案，对新的候诊区很满意。", "要求随下一版图纸附上防火证明。", "周六能否进场，要与物业确认。"),
        "meeting": ("现场勘查，测量大厅并商定施工顺序。", "方案评审：三处修改，周五前出新图。"),
        "visit": ("实测 214 平方米，层高 3.2 米，原地面可保留。",),
    },
    steps=(
        "发送修改后的平面图", "电话确认进场时间", "催签报价单", "预约现场勘测", "确认电工", "发送保养续签", "请客户转介绍",
        "准备方案评审",
    ),
    family_first=True,
)  # fmt: skip
