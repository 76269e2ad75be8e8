"""What is sent can be said in TOML, and what is not understood is not sent."""

from __future__ import annotations

from pathlib import Path

import pytest

from django_scaleready.drill.load.plan import Plan, Step, from_toml, standard
from django_scaleready.drill.waiting import DrillError


def test_a_plan_survives_its_file() -> None:
    plan = Plan(standard(["/a/", "/b/"]), rate=5.0, user="u", proxy_header=["HTTP_X", "https"])
    assert Plan.from_json(plan.to_json()) == plan


@pytest.mark.parametrize("pages", [[], ["/"], ["/", "/a/", "/b/"]])
def test_the_shares_of_a_mix_do_not_depend_on_the_number_of_pages(pages: list[str]) -> None:
    steps = standard(pages)
    assert sum(step.weight for step in steps) == pytest.approx(100)
    assert sum(step.weight for step in steps if step.kind == "get") == pytest.approx(50)


def written(folder: Path, text: str) -> Path:
    file = folder / "drill.toml"
    file.write_text(text)
    return file


def test_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    file = written(tmp_path, "")
    file.write_bytes(b"\x8d\x05")
    with pytest.raises(DrillError, match=r"drill\.toml: .*can't decode"):
        from_toml(file)


def test_steps_are_read_from_toml(tmp_path: Path) -> None:
    file = written(
        tmp_path,
        """
        [[step]]
        path = "/shop/"
        contains = "Basket"
        [[step]]
        path = "/order/"
        method = "POST"
        fields = {item = "1"}
        status = 302
        session = true
        weight = 0.5
        """,
    )
    assert from_toml(file) == [
        Step("get", "/shop/", contains="Basket"),
        Step("post", "/order/", "POST", 0.5, 302, fields={"item": "1"}, session=True),
    ]


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("[[step]]\npath = 1", "step 1: path: got 1, accepts a path"),
        ("[[step]]\nkind = 'get'", "step 1: path: got None"),
        ("[[step]]\npath = '/'\n[[step]]\npath = 'x'", "step 2: path: got 'x'"),
        ("[[step]]\npath = '/'\nwieght = 2", "step 1: wieght: accepts kind, path"),
        ("[[step]]\npath = '/'\nweight = 'much'", "weight: got 'much', accepts a number"),
        ("[[step]]\npath = '/'\nweight = -1", "weight: got -1, accepts"),
        ("[[step]]\npath = '/'\nfresh = 2", "fresh: got 2, accepts"),
        ("[[step]]\npath = '/'\nmethod = 'DELETE'", "method: got 'DELETE', accepts GET or POST"),
        ("[[step]]\npath = '/'\nsession = 1", "session: got 1, accepts true or false"),
        ("[[step]]\npath = '/'\nstatus = true", "status: got True, accepts a whole number"),
        (
            "[[step]]\npath = '/'\nfields = {a = 1}",
            "fields: got {'a': 1}, accepts a table",
        ),
        ("step = 1", "accepts [[step]] tables"),
        ("[steps]\n", "steps: accepts [[step]] tables alone"),
        ("", "no [[step]]"),
        ("[[step", "drill.toml"),
    ],
)
def test_what_is_not_understood_is_named(tmp_path: Path, text: str, named: str) -> None:
    with pytest.raises(DrillError) as raised:
        from_toml(written(tmp_path, text))
    assert named in str(raised.value)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(DrillError, match=r"none\.toml"):
        from_toml(tmp_path / "none.toml")
