"""A template's own text stays, line by line, and nothing that only filling it in would tell."""

from __future__ import annotations

import random
import time

import pytest

from django_scaleready.checks.base import Unknown
from django_scaleready.checks.deployment.files import DeployFile, Kind
from django_scaleready.checks.deployment.formats.templates import blanked, undecided


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("server {{ host }}:{{ port }};", "server $host:$port;"),
        ("root {{ base_dir }}/static;", "root $base_dir/static;"),
        ("port {{ port | default(8000) }};", "port 8000;"),
        ("port {{ port|default('80') }};", "port 80;"),
        ('class: "{{ .Values.a | default "x" }}"', 'class: "x"'),
        ('class: {{ default "x" .Values.a | quote }}', "class: x"),
        ("class: {{ .Values.a.b }}", "class: $Values_a_b"),
        ("class: {{ 'nginx' }}", "class: nginx"),
        ("user {{{ user }}};", "user $user;"),
        # What is put there are lines, not a value.
        ("labels: {{- toYaml .Values.x | nindent 4 }}", "labels: "),
        ("a\n  {{ extra }}\nb", "a\n  \nb"),
        ("{% for x in y %}\nserver {{ x.host }};\n{% endfor %}", "\nserver $x_host;\n"),
        ("{% set port = 80 %}\na", "\na"),
        ("{{ $x := 1 }}a", "a"),
        ("{# a\nb #}{{ c }}d", "\n$cd"),
        ("${#list[@]} {{ c }}d", "${#list[@]} $cd"),
        ("port {{ port | default(other) }};", "port $port_default_other;"),
        ("{{/* a\nb */}}c", "\nc"),
        ("{{- /* {{ a }} */ -}}c", "c"),
        ("{{/* a }}c{{ d }}e", "c$de"),
        # Of two cases the first is what stands.
        ("{% if a %}b{% else %}c{% endif %}d", "bd"),
        # What is for those who work on the code is left out.
        ("{% if dev|bool %}b{% else %}c{% endif %}d", "cd"),
        ("{% if build_dev %}b{% elif kube_dev %}c{% else %}e{% endif %}d", "ed"),
        ("{% if a_dev or b_dev %}b{% if c %}e{% else %}f{% endif %}{% endif %}d", "d"),
        ("{% if dev %}b{% elif a %}c{% else %}e{% endif %}d", "cd"),
        ("{% if not dev %}b{% else %}c{% endif %}d", "bd"),
        ("{% if prod or dev %}b{% else %}c{% endif %}d", "bd"),
        ("{% if device %}b{% else %}c{% endif %}d", "bd"),
        ("{% if a %}{% if dev %}b{% else %}c{% endif %}{% else %}e{% endif %}d", "cd"),
        ("{% if a %}b{% elif e %}c{% if f %}g{% endif %}{% else %}h{% endif %}d", "bd"),
        ("{{ if .a }}b{{ else if .c }}d{{ else }}e{{ end }}f", "bf"),
        ("{{- range .x }}\n- {{ .y }}\n{{- end }}", "\n- $y\n"),
        ("{{#a}}b{{/a}}c", "bc"),
    ],
)
def test_what_a_template_says(text: str, made: str) -> None:
    assert blanked(text) == made


@pytest.mark.parametrize(
    "text",
    [
        "server web:8000;",
        "awk '{print $1}'",
        'log_format a \'{ "x": "$y" }\';',
        "${HOME}/x",
        "a {{ never closed",
        "a {% never closed",
        "{ { x } }",
        "",
    ],
)
def test_what_is_no_template_stays(text: str) -> None:
    assert blanked(text) == text


@pytest.mark.parametrize(
    "text",
    [
        *(
            "{{" * 100_000,
            "{{ a }}" * 30_000,
            "{{ if x }}" * 25_000,
            "{{/* }}" * 30_000,
            "{{{" + "}" * 200_000,
        ),
        *("{{ $" + "$" * 200_000 + "}}", "{{ a" + "|default" * 30_000 + "}}", "{%\n" * 80_000),
    ],
)
def test_it_ends_soon(text: str) -> None:
    began = time.monotonic()
    assert blanked(text).count("\n") == text.count("\n")
    assert time.monotonic() - began < 5


def test_any_text_keeps_its_lines() -> None:
    words = "{{ }} {% %} {# #} {{- -}} if else end endif elif | default ( ' $x := .a /* */"
    parts = [*words.split(), "\n", " "]
    chosen = random.Random(7)
    for _ in range(3_000):
        text = "".join(chosen.choice(parts) for _ in range(chosen.randrange(40)))
        assert blanked(text).count("\n") == text.count("\n")


@pytest.mark.parametrize(
    ("text", "reason", "subject"),
    [
        ("a: {{ b }}", "ValueError: line 1: not YAML", "k8s"),
        ("a: b", "ValueError: line 1: not YAML", "k8s/a.yaml"),
        # A fault of ours is no matter of templates.
        ("a: {{ b }}", "TypeError: x", "k8s/a.yaml"),
    ],
)
def test_what_a_file_that_cannot_be_read_is_noted_as(text: str, reason: str, subject: str) -> None:
    file = DeployFile("k8s/a.yaml", Kind.KUBERNETES, text)
    assert undecided(file, Unknown(file.path, reason)).subject == subject
