"""A sample tree of categories and the duty catalogue of the sample district."""

from openpyxl import Workbook

from imports.samples.office_books import book
from imports.samples.words import MATTERS

CATEGORY_HEAD = ("序号", "一级分类", "二级分类", "三级分类", "英文名称", "是否启用")
DUTY_HEAD = ("序号", "事项分类", "事项等级", "责任单位", "分工", "协办单位", "适用范围", "依据")
TREE: dict[str, dict[str, tuple[str, ...]]] = {
    "城乡建设": {"市政管理": ("井盖", "桥梁", "公厕"), "小区改造": ("加装电梯", "外墙渗漏"), "供暖": ()},
    "农村农业": {"农业设施": ("灌溉渠道", "排涝"), "农房": ("建房审批", "危房")},
    "劳动就业": {"就业服务": ("招聘会", "技能培训"), "工资报酬": ("拖欠工资",)},
}  # fmt: skip
HELPING = {"道路交通": "区综合行政执法局", "饮水供水": "区卫生健康局", "供电通信": "区应急管理局"}


def books() -> dict[str, Workbook]:
    """By kind."""
    return {"categories": categories(), "duties": duties()}


def categories() -> Workbook:
    paths = [
        (first, second, third)
        for first, below in TREE.items()
        for second, thirds in below.items()
        for third in thirds or ("",)
    ]
    rows = [(number, *path, "", "是") for number, path in enumerate(paths, 1)]
    return book("事项分类", "富阳区事项分类表（示例）", [CATEGORY_HEAD], rows, (6, 14, 14, 14, 16, 10))


def duties() -> Workbook:
    leads = {matter.category: matter.lead for matter in MATTERS if matter.lead not in ("", "镇")}
    rows = [
        (number, category, "小事", lead, "主办", HELPING.get(category, ""), "", "三定方案")
        for number, (category, lead) in enumerate(leads.items(), 1)
    ]
    return book("权力清单", "富阳区权力清单（示例）", [DUTY_HEAD], rows, (6, 16, 10, 22, 8, 22, 14, 20))
