"""What happens without anyone asking, and what is worked out on demand: the sweep and an evaluation."""

from time import perf_counter

from jobs.sweeps import sweep
from models import db
from models.evaluations import active_scheme, compute
from models.units import Unit
from rules.periods import month_of
from tests.bench.figures import Figure, Row, Table, whole
from tests.bench.ground import Ground, clock
from tests.bench.timing import ROUNDS, Statements, median


def measure(ground: Ground) -> list[Table]:
    with ground.app.app_context():
        rows = [*sweeps(ground), evaluation(ground)]
    return [Table("In the background", ["s", "SQL"], rows)]


def sweeps(ground: Ground) -> list[Row]:
    """The first finds what came due since the data was made; the others what came due since."""
    moment, taken, counted, said = clock(), [], [], ""
    for _round in range(1 + ROUNDS):
        start = perf_counter()
        with Statements(ground.engine).watched() as asked_of:
            done = str(sweep(db.session(), moment))
        taken.append(perf_counter() - start)
        counted.append(asked_of.count)
        said = said or done
        db.session.remove()
    sent = said.rsplit("sent=", 1)[-1]
    return [
        Row(f"first sweep, {sent} notices", [seconds(taken[0]), whole(counted[0])]),
        Row("sweep with nothing due", [seconds(median(taken[1:])), whole(median(counted[1:]))]),
    ]


def evaluation(ground: Ground) -> Row:
    taken, count = [], 0
    for _round in range(ROUNDS):
        start = perf_counter()
        with Statements(ground.engine).watched() as asked_of:
            district = db.session.get_one(Unit, ground.rows.district.id)
            compute(db.session(), month_of(clock()).previous(), district, clock(), active_scheme(db.session()))
            db.session.commit()
        taken.append(perf_counter() - start)
        count = asked_of.count
        db.session.remove()
    return Row("evaluation of last month, whole district", [seconds(median(taken)), whole(count)])


def seconds(taken: float) -> Figure:
    return Figure(taken, "s", digits=2)
