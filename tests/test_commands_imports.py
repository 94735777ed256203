import pytest
import sqlalchemy as sa

from imports import originals, staging
from models import db
from models.imports import ImportBatch
from models.units import Unit
from settings import installed
from tests.factories import make_account, make_person
from tests.imports.books import xlsx
from tests.test_commands import count, type_in, units_sheet

__all__ = ["type_in", "units_sheet"]

DISTRICT = ("339901000000", "清溪区", "区", "")
TOWN = ("339901001000", "青石镇", "镇", "339901000000")
LOST = ("339901001001", "石桥村", "村", "999901009000")


def test_a_dry_run_says_what_is_wrong_with_status_1_and_leaves_nothing_behind(app, type_in, units_sheet):
    file = units_sheet(DISTRICT, LOST)
    status, lines = type_in("import", "units", file, "--dry-run")
    assert (status, lines[-1]) == (1, "new=1 changed=0 same=0 error=1")
    assert any("D3" in line and "999901009000" in line for line in lines)
    assert type_in("import", "units", units_sheet(DISTRICT), "--dry-run") == (0, ["new=1 changed=0 same=0 error=0"])
    assert (count(app, Unit), count(app, ImportBatch)) == (0, 0)
    with app.app_context():
        assert all(db.session.execute(table.select()).all() == [] for table in staging.metadata.tables.values())


def test_a_dry_run_lists_what_would_change_from_what_to_what(type_in, units_sheet):
    type_in("import", "units", units_sheet(DISTRICT, TOWN))
    renamed = units_sheet(DISTRICT, ("339901001000", "青溪镇", "镇", "339901000000"))
    assert type_in("import", "units", renamed, "--dry-run") == (
        0,
        ["Sheet 第 3 行 339901001000 青溪镇 名称 青石镇 → 青溪镇", "new=0 changed=1 same=1 error=0"],
    )


def test_a_dry_run_lists_what_the_file_leaves_out(type_in, units_sheet):
    other = ("339901002000", "白沙乡", "乡", "339901000000")
    type_in("import", "units", units_sheet(DISTRICT, TOWN, other))
    assert type_in("import", "units", units_sheet(TOWN), "--dry-run") == (
        0,
        ["系统中有而表内没有（1）：339901002000 白沙乡", "new=0 changed=0 same=1 error=0"],
    )


def test_columns_typed_in_are_remembered_where_somebody_says_so(type_in, units_sheet, tmp_path):
    def sheet(code, name):
        path = tmp_path / f"{code}.xlsx"
        path.write_bytes(xlsx([["代码", "本级叫法", "级别", "上级代码"], [code, name, "镇", "339901000000"]]))
        return path

    type_in("import", "units", units_sheet(DISTRICT))
    mapped = ("import", "units", sheet("339901001000", "青石镇"), "--map", "本级叫法=名称")
    assert type_in(*mapped, "--remember", "--dry-run") == (2, ["试运行不保留任何内容：请去掉 --remember"])
    assert type_in(*mapped)[0] == 0
    assert type_in("import", "units", sheet("339901002000", "白沙乡"))[0] == 2
    assert type_in(*mapped, "--remember")[0] == 0
    assert type_in("import", "units", sheet("339901002000", "白沙乡"))[1][-1] == "new=1 changed=0 same=0 error=0"


def test_a_file_typed_in_stands_in_the_history_like_an_upload_with_the_file_itself(app, type_in, units_sheet):
    file = units_sheet(DISTRICT, TOWN)
    assert type_in("import", "units", file)[0] == 0
    with app.app_context():
        batch = db.session.scalars(sa.select(ImportBatch)).one()
        assert (batch.state, batch.filename, batch.name, batch.new) == ("committed", "单位.xlsx", "系统", 2)
        assert originals.path_of(installed().files_dir, batch.sha256).read_bytes() == file.read_bytes()


def test_an_import_is_undone_once(app, type_in, units_sheet):
    type_in("import", "units", units_sheet(DISTRICT, TOWN))
    assert type_in("undo", 1) == (0, ["删除 2 条，恢复 0 条。"])
    assert count(app, Unit) == 0
    assert type_in("undo", 1) == (2, ["这次导入已经撤销过了"])
    assert type_in("undo", 7) == (2, ["没有编号为 7 的导入"])


def test_what_has_gone_on_since_is_named_and_left_alone_with_status_1(app, type_in, units_sheet):
    type_in("import", "units", units_sheet(DISTRICT, TOWN))
    with app.app_context():
        make_person(db.session, db.session.scalars(sa.select(Unit).where(Unit.name == "青石镇")).one())
        db.session.commit()
    assert type_in("undo", 1) == (
        1,
        [
            "清溪区 339901000000 另有数据依赖它：单位",
            "青石镇 339901001000 另有数据依赖它：人员",
            "删除 0 条，恢复 0 条。2 条保留未动。",
        ],
    )
    assert count(app, Unit) == 2


def test_somebody_types_with_the_rights_of_the_own_account(app, session, district, type_in, units_sheet):
    file = units_sheet(("339901001003", "新桥村", "村", "339901001000"))
    office = make_account(session, "office", district.root).user.username
    dispatcher = make_account(session, "dispatcher", district.town).user.username
    session.commit()
    assert type_in("import", "units", file, "--as", office)[0] == 0
    session.rollback()
    batch = session.scalars(sa.select(ImportBatch)).one()
    assert batch.person_id is not None
    assert type_in("undo", batch.id, "--as", dispatcher)[0] == 2
    assert type_in("undo", batch.id, "--as", office)[0] == 0


def test_an_account_without_a_role_types_nothing_in(app, session, district, type_in, units_sheet):
    account = make_account(session, "office", district.root)
    account.user.roles = []
    session.commit()
    file = units_sheet(("339901001003", "新桥村", "村", "339901001000"))
    name = account.user.username
    assert type_in("import", "units", file, "--as", name) == (2, ["您的角色不能导入这类文件"])
    assert type_in("import", "units", file)[0] == 0
    assert type_in("undo", 1, "--as", name) == (2, ["没有编号为 1 的导入"])


@pytest.mark.parametrize("words", [["jobs", "once"]])
def test_what_waits_is_taken_up_by_a_sweep_as_well(app, session, district, type_in, words):
    from imports import batches
    from tests.imports.test_people import roster, wang
    from tests.jobs.test_importing import handed_in

    batch, _ = handed_in(session, roster(wang()))
    status, lines = type_in(*words)
    assert (status, lines[-1]) == (0, "imports=1")
    session.rollback()
    assert batch.state == "previewed"
    assert batches.take(session, batch.created_at) is None
