"""Charts of Helm's: what is read of them, where it stands, and what nobody can know."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from support.deploy_files import calls, deployment_of

from django_scaleready.checks.deployment.files import DeployFile, Kind
from django_scaleready.checks.deployment.formats.yaml_text import loaded
from django_scaleready.checks.deployment.helm.chart import Charts
from django_scaleready.checks.deployment.helm.render import MAX_TURNS, Writer
from django_scaleready.checks.deployment.process import Process
from django_scaleready.checks.deployment.view import Deployment

Chart = Callable[..., Deployment]
POD = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ include "shop.fullname" . }}
spec:
  {{- if not .Values.autoscaling }}
  replicas: {{ .Values.replicas }}
  {{- end }}
  template:
    spec:
      containers:
        - name: {{ .Chart.Name }}
          image: "{{ .Values.image.name }}:{{ .Values.image.tag | default .Chart.AppVersion }}"
"""
HELPERS = """\
{{/* The name of {{ everything }}. */}}
{{- define "shop.fullname" -}}
{{- if .Values.fullnameOverride }}
{{- .Values.fullnameOverride | trunc 63 | trimSuffix "-" }}
{{- else }}
{{- printf "%s-%s" .Release.Name (default "web" .Values.nameOverride) | trunc 63 }}
{{- end }}
{{- end }}
"""
VALUES = "image: {name: example.org/shop}\nautoscaling: false\nreplicas: 3\n"


@pytest.fixture
def chart(tmp_path: Path) -> Chart:
    """Write a chart whose pod has some more lines, from line 14 on."""

    def make(*lines: str, values: str = "", **files: str) -> Deployment:
        text = POD + "\n".join([*(f"          {line}" for line in lines), ""])
        written = {
            "Chart.yaml": "name: shop\nappVersion: 7\n",
            "values.yaml": VALUES + values,
            "templates/_helpers.tpl": HELPERS,
            "templates/web.yaml": text,
        }
        for name, content in files.items():
            written[name.replace("__", "/").replace("_yaml", ".yaml")] = content
        return deployment_of(
            tmp_path, {f"shop/chart/{name}": each for name, each in written.items()}
        )

    return make


def only(deployment: Deployment) -> Process:
    (process,) = deployment.processes
    assert deployment.unknown == []
    return process


def test_a_chart_is_what_its_values_make_of_it(chart: Chart) -> None:
    process = only(chart('args: ["gunicorn", "--workers", {{ .Values.replicas | quote }}, a.wsgi]'))
    assert (process.name, process.image) == ("shop-web/shop", "example.org/shop:7")
    assert str(process.location) == "shop/chart/templates/web.yaml:12"
    assert process.replicas is not None
    assert (process.replicas.value, process.replicas.location.line) == (3, 7)
    assert calls(process) == [("gunicorn --workers 3 a.wsgi", 14)]


@pytest.mark.parametrize(
    ("lines", "values", "made"),
    [
        (["{{- with .Values.command }}", "command:", "  {{- toYaml . | nindent 12 }}", "{{ end }}"],
         "command: [celery, worker]\n", [("celery worker", 4)]),
        (["{{- with .Values.command }}", "command: {{ toYaml . | nindent 12 }}", "{{- end }}"],
         "command: [celery, worker]\n", [("celery worker", 4)]),
        (["command: {{ .Values.command }}"], "command: celery\n", [("celery", 4)]),
        (["command: {{ .Values.a.b | default (list \"celery\" \"beat\") | toJson }}"], "",
         [("celery beat", 14)]),
        (["{{- if .Values.beat }}", "command: [celery, beat]", "{{- else }}",
          "command: [celery, worker]", "{{- end }}"], "beat: false\n", [("celery worker", 17)]),
        (["{{- if and .Values.a (eq .Values.b \"x\") }}", "command: [celery, beat]", "{{- end }}",
          "args: [a]"], "a: true\nb: x\n", [("celery beat a", 15)]),
        (["{{- $cmd := \"celery\" }}", "{{- if true }}{{ $cmd = \"rq\" }}{{ end }}",
          "command: [{{ $cmd }}, worker]"], "", [("rq worker", 16)]),
        (["command: [sh, -c, {{ tpl .Values.start . | quote }}]"],
         "start: 'gunicorn {{ .Values.app }}'\napp: shop.wsgi\n", [("gunicorn shop.wsgi", 14)]),
        (["{{- /* {{ no }} */}}", "command: {{ printf \"[%s, %q]\" `celery` \"a b\" }}"], "",
         [("celery a b", 15)]),
        (["command:", "{{- range $i, $w := .Values.words }}", "- {{ $w }}", "{{- end }}"],
         "words: [celery, worker]\n", [("celery worker", 4)]),
        (["command: [sh, -c, {{ .Values.a.b | quote }}]"], "a:\n  b: |\n    set -e\n    celery\n",
         [("celery", 7)]),
        (["command: [celery, {{ .Values.kind }}]"], "kind: worker\n", [("celery worker", 14)]),
    ],
)  # fmt: skip
def test_what_is_started_and_where(
    chart: Chart, lines: list[str], values: str, made: list[tuple[str, int]]
) -> None:
    assert calls(only(chart(*lines, values=values))) == made


@pytest.mark.parametrize(
    ("lines", "values"),
    [
        # Off in the values that the chart brings.
        (["{{- if .Values.beat }}", "command: [celery, beat]", "{{- end }}"], "beat: false\n"),
        (["{{- with .Values.command }}", "command: {{ . }}", "{{- end }}"], "command: []\n"),
        (["{{- range .Values.words }}", "command: {{ . }}", "{{- end }}"], "words: []\n"),
        # Lines of which nothing is known.
        (["{{- toYaml .Values.more | nindent 10 }}"], ""),
        (['{{- include "common.more" . | nindent 10 }}'], ""),
        (["{{ .Values.more }}"], ""),
        (["{{- /* command: [celery, beat] */}}"], ""),
    ],
)
def test_what_is_not_said(chart: Chart, lines: list[str], values: str) -> None:
    assert calls(only(chart(*lines, values=values))) == []


def test_values_for_production_are_laid_over_the_others(chart: Chart) -> None:
    process = only(
        chart(
            "command: [celery, {{ .Values.kind }}]",
            values="kind: worker\n",
            values_prod_yaml="kind: beat\n",
            values_preprod_yaml="kind: a\n",
            values_dev_yaml="kind: b\n",
        )
    )
    assert calls(process) == [("celery beat", 14)]


def test_a_document_that_is_off_by_default_is_read(chart: Chart) -> None:
    job = "{{- if .Values.job.enabled }}\napiVersion: batch/v1\nkind: Job\nmetadata: {name: x}\n"
    pod = "spec: {template: {spec: {containers: [{image: i, command: [migrate]}]}}}\n{{- end }}\n"
    deployment = chart(values="job: {enabled: false}\n", templates__job_yaml=job + pod)
    assert [process.once for process in deployment.processes] == [True, False]


def test_a_scaler_that_is_off_by_default_is_none(chart: Chart) -> None:
    head = "{{- if .Values.autoscaling }}\napiVersion: v2\nkind: HorizontalPodAutoscaler\n"
    spec = "spec: {scaleTargetRef: {name: shop-web}, maxReplicas: 9}\n{{- end }}\n"
    process = only(chart(templates__hpa_yaml=head + spec))
    assert process.replicas is not None
    assert process.replicas.value == 3


def test_a_file_that_is_only_another_template(chart: Chart) -> None:
    defined = (
        '{{ define "pod" }}apiVersion: v1\nkind: Pod\nspec: {containers: [{image: i}]}{{ end }}'
    )
    deployment = chart(
        templates__pod_yaml='{{- include "pod" . }}\n',
        templates__no_yaml='a: {{ include "pod" . }}\n',
        **{"templates__more.tpl": defined},
    )
    places = [str(process.location) for process in deployment.processes]
    assert places == ["shop/chart/templates/pod.yaml:1", "shop/chart/templates/web.yaml:12"]


def test_a_line_that_nobody_knows_is_left_out(chart: Chart) -> None:
    process = only(chart("{{ if true }}{{ .Values.x }}{{ end }}", "command: [celery, beat]"))
    assert calls(process) == [("celery beat", 15)]


def test_lines_that_are_in_no_file_stand_where_they_are_filled_in(chart: Chart) -> None:
    made = '{{ printf "set -e\\nexec celery -c %s" "2" | quote }}'
    assert calls(only(chart(f"command: [sh, -c, {made}]"))) == [("celery -c 2", 14)]


def test_templates_of_a_chart_beside_it(chart: Chart) -> None:
    deployment = chart(
        '{{ include "common.start" . }}',
        Chart_yaml="name: shop\ndependencies: [{name: common, repository: 'https://e.org/x'}, 1]\n",
    )
    common = {
        "shop/common/Chart.yaml": "name: common\ntype: library\n",
        "shop/common/templates/_start.tpl": (
            '{{ define "common.start" }}command: [celery, beat]{{ end }}'
        ),
    }
    assert calls(only(deployment_of(deployment.root, common))) == [("celery beat", 14)]


def test_a_part_has_what_its_parent_gives(chart: Chart) -> None:
    deployment = chart(
        values="redis: {image: valkey}\n",
        charts__Chart_yaml="name: redis\n",
        charts__values_yaml="image: redis\nport: 1\n",
    )
    charts = Charts(deployment.root)
    file = DeployFile("shop/chart/charts/a.yaml", Kind.KUBERNETES, "{{ .Values | toJson }}\n")
    written = charts.written(file)
    assert written is not None
    assert written.text == "{image: valkey, port: 1}\n"


def test_documents_are_read_one_by_one(chart: Chart) -> None:
    pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: x}\nspec: {containers: [{image: i}]}\n"
    text = f"{{{{ if true }}}}\n{pod}---\n{{{{- end -}}}}\na: [\n---\n{pod}"
    deployment = chart(templates__two_yaml=text)
    assert [p.location.line for p in deployment.processes] == [5, 13, 12]
    (unknown,) = deployment.unknown
    assert unknown.subject == "shop/chart/templates"


@pytest.mark.parametrize("folder", ["k8s", "src/tray/templates/services/app", "ops/openshift/a/b"])
def test_a_template_that_is_of_no_chart(tmp_path: Path, folder: str) -> None:
    text = "apiVersion: v1\nkind: Pod\nmetadata: {name: {{ name }}}\nspec:\n  containers:\n"
    more = "  {% if x %}\n  - image: shop\n    command: [celery, {{ kind }}]\n  {% endif %}\n"
    deployment = deployment_of(tmp_path, {f"{folder}/pod.yml.j2": text + more})
    assert calls(only(deployment)) == [("celery $kind", 8)]


def written(text: str, **values: object) -> str:
    return Writer({}).write(text, {"Values": values}).text


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("{{ .Values.a | upper }}{{ .Values.no }}", "X$Values_no"),
        ('{{ ternary "a" "b" (empty .Values.l) }}', "b"),
        ("{{ coalesce .Values.no .Values.a }}", "x"),
        ('{{ index .Values.l 1 }}{{ get .Values.d "k" }}{{ .Values.d.k }}', "2vv"),
        ('{{ join "," .Values.l }}|{{ len .Values.l }}|{{ add 1 2 }}', "1,2|2|3"),
        ("{{ range $k, $v := .Values.d }}{{ $k }}={{ $v }};{{ end }}", "k=v;"),
        ("{{ range .Values.no }}{{ .x }}{{ end }}", "$x"),
        ("{{ range 2 }}{{ . }}{{ else }}none{{ end }}", "01"),
        ("{{ if .Capabilities.x }}a{{ else }}b{{ end }}", "a"),
        ("{{ if .Values.no }}a{{ else }}b{{ end }}", "b"),
        ("{{ if .Values.no }}a{{ end }}", "a"),
        ('{{ if eq .Values.a "y" }}a{{ else if eq .Values.a "x" }}b{{ end }}', "b"),
        ('{{ define "n" }}<{{ . }}>{{ end }}{{ template "n" .Values.a }}', "<x>"),
        ('{{ block "n" .Values.a }}<{{ . }}>{{ end }}', "<x>"),
        ("a  {{- /* c */ -}}  b", "ab"),
        ("{{ lookup 1 2 }}-{{ unheardOf }}", "$lookup-$unheardOf"),
        ('{{ "a\\nb" | quote }}{{ "$" }}', '"a\\nb"$'),
        ('{{ if\n  eq .Values.a "y" }}a{{ else }}b{{ end }}', "b"),
        ("{{ .Values.a", "{{ .Values.a"),
        ("{{ if .Values.a }}open", "open"),
        ("{{ end }}{{ else }}x{{ ( }}", "x$value"),
        ('{{ dig "k" "x" .Values.d }}{{ dig "n" "m" "x" .Values.d }}', "vx"),
        ('{{ toJson (pick .Values.d "k" "n") }}{{ toJson (omit .Values.d "k") }}', "{k: v}{}"),
        ('{{ (fromYaml "a: [1]").a }}{{ kindIs "map" .Values.d }}', "[1]true"),
        ("{{ .Files.Get \"x\" }}{{ (dict \"a\" 1).a }}", "$Files_Get_x1"),
    ],
)  # fmt: skip
def test_what_a_template_comes_to(text: str, made: str) -> None:
    assert written(text, a="x", l=[1, 2], d={"k": "v"}) == made


ENDLESS = [
    '{{ define "a" }}{{ template "a" . }}{{ template "a" . }}{{ end }}{{ template "a" . }}',
    "{{ range 20 }}" * 30 + "x" + "{{ end }}" * 30,
    '{{ $x := "aa" }}' + "{{ $x = print $x $x }}" * 60 + "{{ $x }}",
    "{{ $x := list 1 }}" + "{{ $x = concat $x $x }}" * 60,
    '{{ $x := "aaaa" }}' + '{{ $x = $x | replace "a" $x }}' * 10,
    "{{ $x := 9 }}" + "{{ $x = mul $x $x }}" * 60 + "{{ $x }}",
    "{{ if 1 }}" * 20_000,
    "{{ " + "(" * 20_000 + " }}",
    "{{ " + "a | " * 20_000 + " }}",
    '{{ "a" | indent 999999999 }}{{ until 999999999 | len }}',
    '{{ tpl "{{ tpl . . }}" "{{ tpl . . }}" }}',
]


@pytest.mark.parametrize("text", ENDLESS)
def test_what_grows_or_repeats_itself_ends(text: str) -> None:
    began = time.monotonic()
    try:
        assert len(written(text)) < 500_000
    except ValueError as error:
        assert "larger" in str(error) or "nested" in str(error)  # noqa: PT017 - either way
    assert time.monotonic() - began < 10


def test_a_loop_is_written_out_some_times() -> None:
    assert written("{{ range until 99 }}x{{ end }}") == "x" * MAX_TURNS


def test_values_are_no_bomb() -> None:
    bomb = "a0: &a0 [x]\n" + "".join(
        f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 40)
    )
    for text in (bomb, "a: &a [*a]\n", "a: !!python/object/apply:os.system [ls]\n", "a: [", "a\0"):
        with pytest.raises(ValueError, match=r"values|line|YAML"):
            loaded(text)
    assert loaded("a: &a {b: 1}\nc: *a\n") == {"a": {"b": 1}, "c": {"b": 1}}


WORDS = (
    *("{{", "}}", "{{-", "-}}", "if", "else", "else if", "end", "range", "with", "define", "$x"),
    *(":=", "=", "|", "(", ")", ".Values.a", ".", '"a"', "`", "default", "toYaml", "nindent 4"),
    *('include "a"', "printf", "{{ end }}", "kind: Pod", "---", "a:", "- b", "/*", "*/", "\n"),
)


@pytest.mark.parametrize("seed", range(40))
def test_any_template_ends_without_an_error(chart: Chart, seed: int) -> None:
    dice = random.Random(seed)
    texts = ["".join(dice.choice(WORDS) + dice.choice(" \n") for _ in range(80)) for _ in range(3)]
    head = "apiVersion: v1\nkind: Pod\n"
    # Most of such values are no YAML, and all of them are left out then.
    values = texts[1] if seed % 2 else "a: [x]\n"
    names = {"templates__b.tpl": texts[2]}
    deployment = chart(templates__a_yaml=head + texts[0], values=values, **names)
    assert isinstance(deployment.processes, list)
    assert all("Error:" not in str(each) for each in deployment.unknown)
