"""Files on their way in: nobody else waits while they are looked at, and a resend adds none."""

import threading
from io import BytesIO

import pytest
import sqlalchemy as sa
from PIL import Image

from models import uploads
from models.attachments import Attachment
from models.tickets import Ticket
from tests.views.browsing import file, send, token
from tests.views.test_portal import ASKED, asked
from tests.way import PDF

OTHER = "0a0f7b3e-4f43-4c43-9a53-0d7f0d6e3a11"


def photograph():
    out = BytesIO()
    Image.new("RGB", (40, 30), "red").save(out, "JPEG")
    return file("路灯.jpg", out.getvalue())


@pytest.fixture
def meanwhile(app, monkeypatch):
    """Where another resident's request goes that is handed in while a picture is being drawn."""
    redrawn, answers = uploads.redrawn, []

    def hand_in():
        answers.append(asked(app.test_client(), client_id=OTHER).location)

    def slowly(upload, form):
        another = threading.Thread(target=hand_in)
        another.start()
        another.join(5)
        answers.append("drawn")
        return redrawn(upload, form)

    monkeypatch.setattr(uploads, "redrawn", slowly)
    return answers


def test_others_hand_in_while_a_residents_picture_is_drawn(client, session, district, meanwhile):
    assert asked(client, files=[photograph()]).location == "/portal/receipt"
    assert meanwhile == ["/portal/receipt", "drawn"]


def test_others_hand_in_while_a_picture_of_the_desk_is_drawn(client_as, session, district, meanwhile):
    typed = {"source": "phone", "title": "水管漏水", "text": "门前水管漏水", "unit": district.village.id}
    desk = client_as("dispatcher", district.town)
    send(desk, "/requests/add", {**typed, "files": [photograph()]}, content_type="multipart/form-data")
    assert session.scalar(sa.select(sa.func.count(Ticket.id))) == 2
    assert meanwhile == ["/portal/receipt", "drawn"]


def test_others_hand_in_while_evidence_is_drawn(client_as, session, way, meanwhile):
    ticket = way.signed()
    handler = client_as("handler", way.district.village)
    done = {"result": "换了灯泡", "feedback": "路灯已修好", "files": [photograph(), photograph()]}
    send(handler, f"/requests/move/{ticket.id}/submit_result", done, content_type="multipart/form-data")
    assert session.scalar(sa.select(sa.func.count(Attachment.id))) == 2
    assert meanwhile == ["/portal/receipt", "drawn"] * 2


def test_one_request_sent_four_times_at_once_keeps_the_files_of_one(app, session, district, monkeypatch):
    meet, redrawn = threading.Barrier(4), uploads.redrawn
    monkeypatch.setattr(uploads, "redrawn", lambda *given: (redrawn(*given), meet.wait())[0])
    clients = [app.test_client() for _ in range(4)]
    tokens = [token(client, "/portal/ask") for client in clients]
    answers = []

    def press(client, csrf):
        answers.append(client.post("/portal/ask", data={**ASKED, "csrf_token": csrf, "files": [photograph()]}).location)

    threads = [threading.Thread(target=press, args=pair) for pair in zip(clients, tokens, strict=True)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert answers == ["/portal/receipt"] * 4
    assert session.scalar(sa.select(sa.func.count(Ticket.id))) == 1
    assert session.scalar(sa.select(sa.func.count(Attachment.id))) == 1


def test_a_resend_at_the_desk_adds_no_files(client_as, session, district):
    typed = {"client_id": OTHER, "source": "phone", "title": "水管漏水", "text": "漏水", "unit": district.village.id}
    desk = client_as("dispatcher", district.town)
    for files in ([], [file("漏水.pdf", PDF)]):
        send(desk, "/requests/add", {**typed, "files": files}, content_type="multipart/form-data")
    assert session.scalar(sa.select(sa.func.count(Ticket.id))) == 1
    assert session.scalar(sa.select(sa.func.count(Attachment.id))) == 0
