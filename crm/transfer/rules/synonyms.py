"""What other programs call our fields: the headings of their exports, in English and Chinese.

A field's own label, name and `aliases` count first; these come after them, the surest first. Headings are compared
without case, accents, punctuation and what stands in brackets: see `rules.guessing.plain`.
From the exports of HubSpot, Pipedrive, Salesforce, Outlook, Google Contacts, 纷享销客 and usual Excel lists.
"""

_OWNER = (
    "owner name | assigned to | responsible | sales owner | record owner | account manager | sales person"
)
_OWNER_CN = (
    "负责人姓名 | 销售负责人 | 客户经理 | 跟进人 | 所属销售 | 销售员 | 销售人员 | 业务员 | 归属人 | 所有人"
)
_NOTES = "comments | remarks | details | memo"
_NOTES_CN = "备注说明 | 备注信息 | 说明 | 详情 | 描述"

SYNONYMS: dict[str, dict[str, str]] = {
    "account": {
        "name": "organization | organisation | organization name | organisation name | business name | firm"
        " | client | client name | customer name | legal name | 企业名称 | 单位名称 | 单位 | 企业 | 客户全称"
        " | 公司全称 | 客户公司 | 客户单位",
        "stage": "lifecycle stage | account type | customer type | account status | relationship | 客户状态"
        " | 客户类型 | 客户阶段",
        "tier": "account tier | customer tier | priority | abc | 客户级别 | 客户等级 | 重要程度 | 客户分级",
        "trade": "business sector | line of business | vertical | 所属行业 | 行业类别 | 客户行业",
        "region": "state | province | state region | state province | billing state | billing state province"
        " | 省份 | 省 | 所在地区 | 所属区域 | 大区 | 所在省份",
        "source": "account source | original source | how did you hear about us | 客户来源 | 来源渠道 | 渠道",
        "owner": f"company owner | organization owner | {_OWNER} | {_OWNER_CN}",
        "team": "department | sales team | 所属部门 | 所属团队 | 销售团队",
        "parent": "parent organization | parent id name | head office | 上级公司 | 上级单位 | 集团 | 集团公司",
        "phone": "phone number | main phone | company phone | business phone | telephone number | work phone"
        " | 联系电话 | 公司电话 | 座机 | 固定电话 | 电话号码 | 办公电话",
        "mail": "email address | e mail address | company email | contact email | 电子邮箱 | 邮箱地址 | 邮件"
        " | 公司邮箱",
        "website": "website url | web page | company domain name | domain | homepage | web site | www | 官网"
        " | 公司网站 | 公司网址 | 主页",
        "street": "billing street | billing address | company address | business street | address 1"
        " | address line 1 | shipping street | 详细地址 | 公司地址 | 联系地址 | 通讯地址 | 注册地址",
        "city": "billing city | business city | shipping city | locality | 所在城市 | 市",
        "postcode": "billing zip | billing postal code | billing zip postal code | zip postal code | post code"
        " | business postal code | shipping zip | 邮政编码",
        "country": "country region | billing country | business country region | billing country region"
        " | 国家地区 | 所在国家",
        "employees": "number of employees | no of employees | employee count | company size | num employees"
        " | 员工数 | 员工数量 | 人员规模 | 公司规模 | 企业规模",
        "annual_revenue": "yearly revenue | annual turnover | sales | annual sales | total revenue | 年营业额"
        " | 年销售额 | 营业收入 | 年营收 | 营收",
        "founded_year": "year founded | founding year | established | 成立时间 | 创立年份 | 成立年",
        "tax_id": "tax number | tax id number | vat id | vat no | ein | abn | gst | 统一社会信用代码"
        " | 社会信用代码 | 纳税人识别号 | 税务登记号",
        "description": f"company description | about us | account description | {_NOTES} | {_NOTES_CN}"
        " | 客户简介 | 公司简介",
    },
    "contact": {
        "name": "display name | contact person | customer name | file as | client name | 联系人姓名 | 客户姓名"
        " | 称呼 | 全名 | 联系人名称",
        "account": "account | associated company | organization name | organisation name | organization 1 name"
        " | employer | primary company | business | client | 公司名称 | 客户名称 | 所属公司 | 所属客户"
        " | 工作单位 | 单位名称 | 单位 | 企业名称 | 所在公司",
        "job_title": "organization title | organization 1 title | designation | occupation | function | job"
        " | 岗位 | 工作职位 | 职称 | 头衔",
        "role": "buying role | contact role | decision role | 决策角色 | 联系人角色 | 角色类型",
        "mail": "email 1 | e mail 1 value | primary email | work email | business email | email work"
        " | mail address | email addresses | 电子邮箱 | 邮箱地址 | 邮件 | 工作邮箱 | 邮件地址 | e mail",
        "phone": "phone number | phone 1 value | business phone | office phone | telephone number | phone work"
        " | work telephone | direct phone | 联系电话 | 办公电话 | 座机 | 固定电话 | 电话号码 | 工作电话"
        " | 公司电话",
        "mobile": "mobile phone number | mobile number | cell phone | cellphone | mobile phone | phone mobile"
        " | handy | gsm | 手机号 | 手机号码 | 移动电话 | 联系手机",
        "messenger": "wechat id | wechat number | whatsapp number | skype | telegram | im | 微信号 | 微信号码"
        " | qq号 | qq号码",
        "birthday": "birthdate | dob | born | 出生年月 | 出生年月日 | 出生日",
        "preferred_channel": "preferred contact method | contact preference | 首选联系方式 | 偏好渠道",
        "do_not_contact": "email opt out | has opted out of email | do not call | unsubscribed"
        " | unsubscribed from all email | has opted out | opted out of email | 不要联系 | 拒绝联系 | 退订",
        "city": "mailing city | business city | home city | address 1 city | 所在城市 | 市",
        "owner": f"{_OWNER} | {_OWNER_CN}",
        "team": "sales team | 所属部门 | 所属团队",
        "description": f"{_NOTES} | {_NOTES_CN}",
    },
    "opportunity": {
        "name": "title | deal title | project | project name | subject | opportunity title | 项目名称"
        " | 机会名称 | 销售机会 | 销售机会名称 | 主题 | 商机主题",
        "reference": "record id | deal number | opportunity number | 商机编码 | 机会编号 | 项目编号",
        "account": "organization | organisation | organization name | associated company | client"
        " | customer name | company name | 客户名称 | 公司名称 | 所属客户 | 客户单位 | 企业名称",
        "contact": "contact person | associated contact | primary contact | contact name | person | 联系人姓名"
        " | 主要联系人 | 客户联系人",
        "product": "product name | products | product interest | 产品名称 | 意向产品 | 商品 | 商品名称"
        " | 关联产品",
        "stage": "pipeline stage | sales phase | phase | step | 商机阶段 | 当前阶段 | 跟进阶段 | 项目阶段"
        " | 状态 | 商机状态",
        "amount": "deal amount | total | total value | price | expected revenue | opportunity amount | budget"
        " | 商机金额 | 预计金额 | 合同金额 | 预计成交金额 | 预计销售金额 | 预计销售额 | 项目金额 | 预算"
        " | 总金额 | 报价",
        "probability_percent": "deal probability | win probability | chance | likelihood | win rate | 赢率"
        " | 成功率 | 赢单率 | 成单概率 | 赢单概率",
        "opened_on": "create date | created | created on | created at | deal created | date opened | 创建时间"
        " | 录入日期 | 发现日期 | 登记日期 | 立项日期",
        "expected_on": "expected close | expected closing date | estimated close date | estimated close"
        " | target date | due date | 预计成交时间 | 预计签单日期 | 预计结单日期 | 预计签约日期 | 预计完成日期"
        " | 预计成单日期",
        "closed_on": "actual close date | closing date | won time | date closed | closed on | closed at"
        " | 成交时间 | 签约日期 | 签单日期 | 结单日期 | 合同签订日期",
        "owner": f"deal owner | opportunity owner | {_OWNER} | {_OWNER_CN} | 商机负责人 | 销售代表",
        "team": "sales team | department | 所属部门 | 销售团队",
        "source": "opportunity source | deal source | original source type | 商机来源 | 线索来源 | 来源渠道",
        "lost_reason": "closed lost reason | reason lost | lose reason | 失败原因 | 输单理由 | 丢单理由",
        "won_reason": "closed won reason | reason won | 成交原因 | 赢单理由",
        "description": f"deal description | next step | {_NOTES} | {_NOTES_CN} | 项目描述",
    },
    "product": {
        "name": "title | product title | item name | description of goods | 商品名称 | 货品名称 | 物料名称"
        " | 商品 | 名称",
        "code": "product id | item code | item no | part number | article number | model | 产品编码 | 商品编码"
        " | 货号 | 物料编码 | 产品型号 | 型号 | 商品编号 | 条码",
        "series": "product family | product category | product line | group | product type | 产品分类"
        " | 商品分类 | 产品类别 | 产品线 | 产品系列 | 分类",
        "list_price": "retail price | standard price | amount | rrp | msrp | selling price | 销售单价"
        " | 标准价格 | 零售价 | 售价 | 销售价格 | 标准单价",
        "unit": "unit of measure | quantity unit | measure | 计量单位 | 销售单位",
        "active": "is active | enabled | in stock | published | available | 是否在售 | 上架状态 | 是否启用"
        " | 是否上架",
        "description": f"product description | {_NOTES} | {_NOTES_CN} | 产品描述 | 规格 | 产品介绍",
    },
    "task": {
        "title": "task name | name | to do | todo | activity | call subject | 任务名称 | 任务主题 | 待办事项"
        " | 待办 | 标题",
        "kind": "activity type | category | 任务类别 | 活动类型",
        "owner": f"{_OWNER} | performed by | 执行人 | 责任人 | 经办人",
        "due_on": "due | date due | end date | finish by | 截止时间 | 计划完成时间 | 计划日期 | 到期时间",
        "done_at": "completed at | completed on | date completed | done time | marked as done time"
        " | 实际完成时间 | 完成日期",
        "description": f"note | {_NOTES} | body | 任务描述 | 任务内容 | 内容 | 说明",
    },
    "person": {
        "name": "employee name | user name | display name | member | staff | sales rep | 员工姓名 | 用户名"
        " | 用户姓名 | 人员 | 销售员",
        "job_title": "role name | designation | job | 职务 | 岗位 | 头衔",
        "phone": "phone number | mobile | mobile phone | work phone | 手机号 | 手机号码 | 联系电话",
        "team": "sales team | group | division | branch | 所属部门 | 所属团队 | 组别 | 分公司",
        "manager": "line manager | boss | reporting to | team lead | 直属上级 | 直接上级 | 上级主管 | 汇报对象",
    },
}


def synonyms_of(record_type: str, field: str) -> list[str]:
    """Headings of other programs for a field, the surest first; none for types that the table does not know."""
    return [text.strip() for text in SYNONYMS.get(record_type, {}).get(field, "").split("|") if text.strip()]
