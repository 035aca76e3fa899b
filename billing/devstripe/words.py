"""The pages' words in Chinese: the stand-in has no catalogue of the product's."""

from django.utils.translation import get_language

LABEL = "Local test mode – no money moves"
LABEL_IN_CHINESE = "本地测试模式，不会产生真实扣款"
CARD_HINT = (
    "Use a test number: 4242 4242 4242 4242 works; 4000 0000 0000 0341 is refused later; "
    "4000 0000 0000 0002 at once; 4000 0025 0000 3155 asks for a confirmation, 4000 0027 6000 3184 each time; "
    "4000 0000 0000 0259 is disputed."
)
_CHINESE = {
    LABEL: LABEL_IN_CHINESE,
    CARD_HINT: "请使用测试卡号：4242 4242 4242 4242 可用；4000 0000 0000 0341 之后会被拒；"
    "4000 0000 0000 0002 立即被拒；4000 0025 0000 3155 需要验证，4000 0027 6000 3184 每次都需要；"
    "4000 0000 0000 0259 会被争议。",
    "Pay": "支付",
    "Save the card": "保存银行卡",
    "Start the subscription": "开始订阅",
    "Card number": "卡号",
    "Back without paying": "返回，不支付",
    "Back": "返回",
    "Payment": "支付",
    "Card": "银行卡",
    "Due today": "今日应付",
    "Total": "合计",
    "Tax": "税额",
    "First charge on": "首次扣款日期",
    "The bank asks whether it is you.": "银行需要确认是您本人。",
    "It is me": "确认是我",
    "It is not me": "不是我",
    "Invoice": "账单",
    "Receipt": "收据",
    "Paid": "已付",
    "Open": "未付",
    "Draft": "草稿",
    "Void": "作废",
    "Written off": "已核销",
    "Pay this invoice": "支付此账单",
    "Download PDF": "下载 PDF",
    "Billing": "账单管理",
    "End the subscription with its period": "在当前周期结束时取消订阅",
    "Ends on": "结束日期",
    "Customers": "客户",
    "Subscriptions": "订阅",
    "Test clocks": "测试时钟",
    "Advance to": "推进到",
    "Advance": "推进",
    "Events": "事件",
    "Send again": "重新发送",
    "Delivery": "投递",
    "Nothing yet": "暂无",
    "Payment method": "支付方式",
    "Sent": "已发送",
    "Your card was declined.": "您的银行卡被拒绝。",
    "Your card has insufficient funds.": "您的银行卡余额不足。",
    "Your card has expired.": "您的银行卡已过期。",
    "Your card was declined. This transaction requires authentication.": "您的银行卡被拒绝：此交易需要验证。",
    "We are unable to authenticate your payment method.": "无法验证您的支付方式。",
    "Use one of the test card numbers of docs.stripe.com/testing.": "请使用 docs.stripe.com/testing 列出的测试卡号。",
    "Give a moment such as 2026-12-01 09:00.": "请输入时间，例如 2026-12-01 09:00。",
    "You can only advance a test clock forward.": "测试时钟只能向前推进。",
    "At most two of the shortest subscription intervals at once.": "一次最多推进两个最短的订阅周期。",
    "This Checkout Session is no longer open.": "此支付页面已失效。",
    "The subscription is managed by the subscription schedule; release it first.": ""
    "此订阅由订阅计划管理，请先解除计划。",
    "Subtotal": "小计",
    "Discount": "折扣",
    "Applied balance": "已抵扣余额",
    "The trial is free": "试用期间免费",
    "then": "之后",
    "Then again": "之后",
    "each day": "每天扣款",
    "each week": "每周扣款",
    "each month": "每月扣款",
    "each year": "每年扣款",
    "Go on with the subscription": "继续订阅",
    "Change the card": "更换银行卡",
    "Current period until": "当前周期至",
    "Refunded": "已退款",
    "Moments in UTC": "时间为 UTC",
    "Save": "保存",
    "Amount": "金额",
    "The page was not found or is no longer open": "页面不存在或已失效",
}


def word(text: str) -> str:
    """In the language of the page."""
    return _CHINESE.get(text, text) if (get_language() or "").startswith("zh") else text
