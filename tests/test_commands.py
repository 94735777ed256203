import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask_appbuilder.security.sqla.models import Role as FabRole
from openpyxl import Workbook, load_workbook

from jobs import preparation
from models import db
from models.accounts import Account
from models.people import Person
from models.policies import PolicyRow
from models.tickets import Ticket
from models.units import Unit
from rules.roles import Role
from tests.factories import make_account

ROOT = Path(__file__).parents[1]


@pytest.fixture
def type_in(app, monkeypatch):
    """`type_in("jobs", "once")` → exit status and the lines that were printed."""
    monkeypatch.setattr("jobs.logs.configure", lambda: None)
    preparation.note(app.extensions["minqing.settings"]).unlink(missing_ok=True)
    app.extensions["minqing.settings"].sign_ins.unlink(missing_ok=True)

    def run(*words: object) -> tuple[int, list[str]]:
        done = app.test_cli_runner().invoke(args=[str(word) for word in words])
        return done.exit_code, done.output.splitlines()

    return run


def count(app, model) -> int:
    with app.app_context():
        return db.session.scalar(sa.select(sa.func.count()).select_from(model))


@pytest.fixture
def units_sheet(tmp_path):
    """A maker of small unit workbooks."""

    def make(*rows: tuple[str, ...]) -> Path:
        book = Workbook()
        for row in [("区划代码", "名称", "层级", "上级"), *rows]:
            book.active.append(row)
        book.save(tmp_path / "单位.xlsx")
        return tmp_path / "单位.xlsx"

    return make


def test_init_makes_every_role_and_seeds_once(app, type_in):
    assert type_in("init") == (0, [])
    with app.app_context():
        names = set(db.session.scalars(sa.select(FabRole.name)))
        assert set(Role) <= names
        policy = db.session.scalars(sa.select(PolicyRow).where(PolicyRow.key == "accept_within_minutes")).one()
        policy.value = "90"
        db.session.commit()
    preparation.note(app.extensions["minqing.settings"]).unlink()
    assert type_in("init") == (0, [])
    with app.app_context():
        assert "90" in set(db.session.scalars(sa.select(PolicyRow.value)))


def test_the_samples_fill_an_empty_database_once_and_their_people_sign_in_with_the_password_kept_for_the_owner(
    app, type_in
):
    assert type_in("init", "--samples")[0] == 0
    assert [count(app, model) for model in (Person, Ticket)] == [300, 200]
    assert count(app, Account) > 200
    assert count(app, Unit) > 374
    file = app.extensions["minqing.settings"].sign_ins
    assert file.stat().st_mode & 0o777 == 0o600
    table = file.read_text(encoding="utf-8")
    rows = [re.split(r"\s{2,}", line) for line in table.splitlines()[1:]]
    assert {row[1] for row in rows} == set(Role)
    _, username, name, unit, password = next(row for row in rows if row[1] == "dispatcher")
    with app.app_context():
        person = db.session.scalars(sa.select(Account).where(Account.user.has(username=username))).one().person
        assert (person.name, person.unit.name) == (name, unit)
    assert signs_in(app, username, password)
    assert not signs_in(app, username, password + "1")
    assert not signs_in(app, "FY0009", "!")
    assert type_in("init", "--samples") == (0, [])
    assert file.read_text(encoding="utf-8") == table


def test_a_demonstration_fills_an_empty_database_alone_and_all_its_accounts_share_one_password(app, type_in):
    status, lines = type_in("demo", "--size", "town", "--until", "2026-11-20")
    assert status == 0
    assert [count(app, model) for model in (Unit, Person, Ticket)] == [200, 500, 3500]
    file = app.extensions["minqing.settings"].sign_ins
    assert file.stat().st_mode & 0o777 == 0o600
    table = [re.split(r"\s{2,}", line) for line in file.read_text(encoding="utf-8").splitlines()[1:]]
    shown = [re.split(r"\s{2,}", line) for line in lines[-len(Role) :]]
    assert {row[1] for row in shown} == set(Role)
    (password,) = {row[-1] for row in table}
    assert signs_in(app, "handler", password)
    assert signs_in(app, table[-1][1], password)
    status, lines = type_in("demo", "--size", "town")
    assert (status, len(lines)) == (2, 1)
    assert "MINQING_DATA_DIR" in lines[0]
    assert count(app, Ticket) == 3500


def signs_in(app, username: str, password: str) -> bool:
    answer = app.test_client().post("/login/", data={"username": username, "password": password})
    return "login" not in answer.headers["Location"]


def test_an_import_ends_with_its_counts_and_a_second_one_writes_nothing(app, type_in, units_sheet):
    file = units_sheet(("339901000000", "清溪区", "区", ""), ("339901001000", "青石镇", "镇", "339901000000"))
    assert type_in("import", "units", file)[1][-1] == "new=2 changed=0 same=0 error=0"
    status, lines = type_in("import", "units", file)
    assert (status, lines[-1]) == (0, "new=0 changed=0 same=2 error=0")


def test_an_import_tells_the_number_by_which_it_is_undone(app, type_in, units_sheet):
    lines = type_in("import", "units", units_sheet(("339901000000", "清溪区", "区", "")))[1]
    assert count(app, Unit) == 1
    assert type_in("undo", re.findall(r"\d+", lines[0])[0]) == (0, ["删除 1 条，恢复 0 条。"])
    assert count(app, Unit) == 0


def test_an_import_with_a_wrong_row_names_the_cell_writes_nothing_and_ends_with_status_2(app, type_in, units_sheet):
    file = units_sheet(("339901000000", "清溪区", "区", ""), ("339901001001", "石桥村", "村", "999901009000"))
    status, lines = type_in("import", "units", file)
    assert (status, lines[-1]) == (2, "new=1 changed=0 same=0 error=1")
    assert any("D3" in line and "999901009000" in line for line in lines)
    assert count(app, Unit) == 0
    status, (number, *others) = type_in("import", "units", file, "--skip-errors")
    assert (status, others) == (0, [*lines[:-1], "new=1 changed=0 same=0 error=1"])
    assert re.fullmatch(r"第 \d+ 号导入", number)
    assert count(app, Unit) == 1


def test_an_error_names_the_file_where_it_has_no_sheets_and_the_row_where_no_cell_is_to_blame(type_in, tmp_path):
    file = tmp_path / "单位.csv"
    file.write_text("代码,名称,层级\n,新村,村\n339901001001,,村\n", encoding="utf-8")
    assert type_in("import", "units", file)[1][:2] == [
        "单位.csv 第 2 行 没有写明该单位的上级",
        "单位.csv B3 “名称”没有填写",
    ]
    file.write_text("代码,层级\n339901001001,村\n", encoding="utf-8")
    assert type_in("import", "units", file)[1][0] == "“单位.csv”第 1 行：缺少“名称”列"


def test_a_dry_run_counts_and_writes_nothing(app, type_in, units_sheet):
    file = units_sheet(("339901000000", "清溪区", "区", ""))
    assert type_in("import", "units", file, "--dry-run")[1][-1] == "new=1 changed=0 same=0 error=0"
    assert count(app, Unit) == 0


def test_a_file_that_is_no_spreadsheet_is_refused_in_a_sentence(type_in, tmp_path):
    file = tmp_path / "名册.xlsx"
    file.write_bytes(b"\x7fELF\x02\x01\x01\x00")
    status, lines = type_in("import", "people", file)
    assert (status, lines[-1]) == (2, "new=0 changed=0 same=0 error=1")
    assert lines[0]


def test_households_and_organisations_come_in_by_the_command_too(app, session, district, type_in, tmp_path):
    file = tmp_path / "住户.csv"
    file.write_text("户号,户主,所属村社,特殊群体\n7,石大桥,石桥村,低保户\n", encoding="utf-8")
    assert type_in("import", "households", file)[1][-1] == "new=1 changed=0 same=0 error=0"
    assert type_in("import", "households", file)[1][-1] == "new=0 changed=0 same=1 error=0"
    file.write_text("名称,统一社会信用代码,所属村社\n竹编厂,91350100M000100Y42,石桥村\n", encoding="utf-8")
    status, lines = type_in("import", "organisations", file)
    assert (status, lines[-1]) == (2, "new=0 changed=0 same=0 error=1")
    assert "B2 “91350100M000100Y42” 统一社会信用代码的校验位不对" in lines[0]


def test_a_heading_can_be_said_to_be_one_of_our_columns(app, type_in, tmp_path):
    file = tmp_path / "单位.csv"
    file.write_text("区划代码,本级叫法,层级\n339901000000,清溪区,区\n", encoding="utf-8")
    assert type_in("import", "units", file)[1][0] == "“单位.csv”第 1 行：缺少“名称”列"
    assert type_in("import", "units", file, "--map", "本级叫法=名称")[1][-1] == "new=1 changed=0 same=0 error=0"
    assert type_in("import", "units", file, "--map", "本级叫法=大名") == (
        2,
        ["系统中没有“大名”列", "new=0 changed=0 same=0 error=1"],
    )
    assert type_in("import", "units", file, "--map", "名称")[0] == 2


def test_a_text_can_be_said_to_be_written_in_another_encoding(app, type_in, tmp_path):
    file = tmp_path / "单位.csv"
    file.write_bytes("區劃代碼,名稱\n".encode("big5"))
    assert type_in("import", "units", file, "--encoding", "klingon")[1][0] == "无法识别编码 klingon"
    file.write_bytes("代码,名称,层级\n339901000000,清溪区,区\n".encode("utf-16-be"))
    assert type_in("import", "units", file)[1][-1] == "new=1 changed=0 same=0 error=0"


def test_an_import_as_somebody_reaches_only_that_account_s_units(app, session, district, type_in, units_sheet):
    username = make_account(session, "dispatcher", district.town).user.username
    session.commit()
    file = units_sheet(("339901002001", "沙口新村", "村", "339901002000"))
    assert type_in("import", "units", file, "--as", username)[0] == 2
    assert type_in("import", "units", file, "--as", "nobody")[0] == 2
    assert type_in("import", "units", file)[0] == 0


def test_a_sweep_prints_what_it_sent_and_then_zeros(session, district, type_in):
    make_account(session, "office", district.root)
    session.commit()
    moment = ("jobs", "once", "--at", "2026-11-20T12:00:00+08:00")
    status, (first,) = type_in(*moment)
    assert status == 0
    assert "calendar=1 " in first
    assert first.endswith(" sent=1")
    _, (second,) = type_in(*moment)
    assert second.count("=0") == len(second.split())


def test_the_evaluation_of_a_month_is_written_and_a_month_that_is_none_is_refused(district, type_in, tmp_path):
    out = tmp_path / "考核表.xlsx"
    assert type_in("export", "evaluation", "--period", "2026-10", "--out", out)[0] == 0
    assert out.read_bytes()[:2] == b"PK"
    for code in (district.department.code, district.town.code[:9]):
        assert type_in("export", "evaluation", "--period", "2026-10", "--unit", code, "--out", out)[0] == 0
    assert type_in("export", "evaluation", "--period", "2026-13", "--out", out)[0] == 2


def test_a_sheet_that_cannot_be_written_and_one_asked_for_by_who_sees_no_units_are_refused(
    session, district, type_in, tmp_path
):
    security = make_account(session, "sec_admin", district.root, "邱保安")
    session.commit()
    month = ("export", "evaluation", "--period", "2026-10", "--out")
    nowhere = tmp_path / "nowhere/x.xlsx"
    assert type_in(*month, nowhere) == (2, [f"无法写入文件 {nowhere}"])
    assert type_in(*month, tmp_path / "x.xlsx", "--as", security.user.username) == (2, ["邱保安看不到任何单位"])


@pytest.mark.parametrize("moment", ["0001-01-01", "9999-12-31", "9999-12-31T23:59:59+00:00"])
def test_a_sweep_at_a_moment_beyond_the_calendar_is_refused(district, type_in, moment):
    assert type_in("jobs", "once", "--at", moment) == (2, ["日历只收 2004 至 2099 年"])


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("MINQING_PORT", "abc", "MINQING_PORT: needs a number from 1 to 65535"),
        ("MINQING_PORT", "65536", "MINQING_PORT: needs a number from 1 to 65535"),
        ("MINQING_LANGUAGE", "fr", "MINQING_LANGUAGE: needs zh or en"),
        ("MINQING_FIELD_KEYS", "zz", "MINQING_FIELD_KEYS: needs index=<64 hex digits>;1=<64 hex digits>"),
        ("MINQING_FIELD_KEYS", "1=zz", "MINQING_FIELD_KEYS: every key must be hexadecimal"),
    ],
)
def test_a_setting_that_makes_no_sense_is_told_in_one_line(tmp_path, name, value, said):
    environment = {"PATH": os.environ["PATH"], "MINQING_DATA_DIR": str(tmp_path), name: value}
    asked = [sys.executable, "-m", "flask", "doctor"]
    done = subprocess.run(asked, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (1, f"{said}\n")


def test_accounts_are_opened_listed_and_reset_before_there_is_anybody_to_do_it_in_the_browser(
    app, session, district, type_in
):
    type_in("init")
    person = Person(name="章守安", staff_no="A1")
    person.join(district.root)
    session.add(person)
    session.commit()
    status, (password,) = type_in("accounts", "open", "keeper", "--person", "A1", "--role", "sec_admin")
    assert (status, len(password)) == (0, 12)
    assert type_in("accounts", "list")[1][0].startswith("keeper  章守安  清溪区")
    assert type_in("accounts", "reset", "keeper")[1] != [password]
    assert type_in("accounts", "open", "other", "--person", "A9", "--role", "office")[0] == 2


def test_the_doctor_says_what_is_wrong(app, type_in):
    type_in("init")
    with app.app_context(), db.engine.begin() as connection:
        connection.execute(sa.text("DELETE FROM alembic_version"))
    status, lines = type_in("doctor")
    assert status == 1
    assert "flask init" in lines[0]
    status, lines = type_in("jobs", "once")
    assert status == 1
    assert "flask init" in lines[-1]


def test_two_first_starts_at_once_do_not_get_into_each_other_s_way(tmp_path):
    environment = os.environ | {"MINQING_DATA_DIR": str(tmp_path / "var"), "MINQING_DATABASE_URL": ""}
    starts = [
        subprocess.Popen(
            [sys.executable, "-m", "flask", "--app", "app", "init"],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        for _ in range(2)
    ]
    said = [start.communicate(timeout=120)[0].decode() for start in starts]
    assert [start.returncode for start in starts] == [0, 0], said


def test_a_template_is_written_as_the_screen_hands_it_out(type_in, tmp_path):
    out = tmp_path / "people.xlsx"
    assert type_in("template", "people", "--out", out) == (0, [str(out)])
    book = load_workbook(out)
    assert book.sheetnames == ["人员", "填表说明", "选项"]
    assert book.worksheets[0]["A1"].value == "人员导入表"
    assert type_in("template", "horses", "--out", out)[0] == 2


@pytest.mark.parametrize("words", [("template", "people"), ("export", "evaluation", "--period", "2026-10")])
def test_a_workbook_for_a_folder_that_is_not_there_is_refused_in_a_sentence(type_in, tmp_path, words):
    out = tmp_path / "not here" / "out.xlsx"
    status, lines = type_in(*words, "--out", out)
    assert (status, lines) == (2, [f"无法写入文件 {out}"])


@pytest.mark.parametrize(
    ("kind", "rows"),
    [
        ("visits", [("走访时间", "走访人", "走访对象", "所属村社"), ("2026/6/18 9:51:36", "王小明", "陈阿根", "石桥")]),
        ("topics", [("年度", "课题名称", "领题领导", "牵头单位"), ("2026", "物业管理", "王小明", "青石镇")]),
        ("tasks", [("年度", "民生实事", "责任单位", "资金(万元)"), ("2026", "路灯改造", "石桥", "12.5")]),
    ],
)
def test_field_research_comes_in_by_the_command_line_and_twice_changes_nothing(
    app, type_in, session, district, tmp_path, kind, rows
):
    book = Workbook()
    for row in rows:
        book.active.append(row)
    book.save(tmp_path / "表.xlsx")
    assert type_in("import", kind, tmp_path / "表.xlsx", "--dry-run")[1][-1] == "new=1 changed=0 same=0 error=0"
    assert type_in("import", kind, tmp_path / "表.xlsx")[1][-1] == "new=1 changed=0 same=0 error=0"
    assert type_in("import", kind, tmp_path / "表.xlsx")[1][-1] == "new=0 changed=0 same=1 error=0"
