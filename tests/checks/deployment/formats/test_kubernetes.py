"""Manifests: what other objects say of a container, and the kinds that hold one."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import pytest
import yaml
from support.deploy_files import calls, deployment_of

from django_scaleready.checks.deployment.affinity import affinities
from django_scaleready.checks.deployment.view import Deployment

Make = Callable[..., Deployment]
START = (
    '#!/bin/sh\nif [ "$MIGRATE" = "1" ]; then ./manage.py migrate; fi\nexec gunicorn shop.wsgi\n'
)


@pytest.fixture
def make(tmp_path: Path) -> Make:
    def make(*manifests: str, **files: str) -> Deployment:
        others = {name.replace("_", "."): text for name, text in files.items()}
        return deployment_of(tmp_path, {"k8s/all.yaml": "---\n".join(manifests), **others})

    return make


def pod(*lines: str, kind: str = "Deployment", api: str = "apps/v1", name: str = "web") -> str:
    """A manifest of one container; the container's lines begin at line 9."""
    head = [f"apiVersion: {api}", f"kind: {kind}", f"metadata: {{name: {name}}}", "spec:"]
    head += ["  template:", "    spec:", "      containers:", "        - image: shop"]
    return "\n".join([*head, *(f"          {line}" for line in lines), ""])


def other(kind: str, spec: str, name: str = "web") -> str:
    return f"apiVersion: x/v1\nkind: {kind}\nmetadata: {{name: {name}}}\n{spec}\n"


WEB = "command: [gunicorn, shop.wsgi]"


@pytest.mark.parametrize(
    ("kind", "api", "count"),
    [
        ("Deployment", "apps/v1", 1),
        ("Rollout", "argoproj.io/v1alpha1", 1),
        ("DeploymentConfig", "apps.openshift.io/v1", 1),
        ("Service", "serving.knative.dev/v1", 1),
        ("PodTemplate", "v1", 0),
        ("ServiceMonitor", "monitoring.coreos.com/v1", 0),
    ],
)
def test_the_kinds_that_hold_pods(make: Make, kind: str, api: str, count: int) -> None:
    assert len(make(pod(WEB, kind=kind, api=api)).processes) == count


def test_a_template_of_openshift_lists_its_objects(make: Make) -> None:
    text = pod(WEB).replace("\n", "\n    ").rstrip()
    listed = f"apiVersion: template.openshift.io/v1\nkind: Template\nobjects:\n  - {text}\n"
    (process,) = make(listed).processes
    assert calls(process) == [("gunicorn shop.wsgi", 12)]


TO = "scaleTargetRef: {name: web}"


@pytest.mark.parametrize(
    ("others", "replicas"),
    [
        ([other("HorizontalPodAutoscaler", f"spec: {{{TO}, maxReplicas: 4}}", "x")], 4),
        ([other("ScaledObject", f"spec: {{{TO}, maxReplicaCount: 3}}", "x")], 3),
        ([other("Deployment", "spec: {replicas: 2}")], 2),
        ([other("Deployment", "spec: {replicas: 2}", "worker")], None),
        ([other("StatefulSet", "spec: {replicas: 2}")], None),
        ([other("ScaledObject", "spec: {scaleTargetRef: {name: job}, maxReplicaCount: 4}")], None),
        ([], None),
    ],
)  # fmt: skip
def test_how_many_there_are(make: Make, others: list[str], replicas: int | None) -> None:
    found = make(pod(WEB), *others).processes[0].replicas
    assert (found.value if found else None) == replicas


def config(data: str, name: str = "env") -> str:
    return other("ConfigMap", f"data:\n  {data}", name)


FROM = "envFrom: [{configMapRef: {name: env}}]"
KEY = "env: [{name: MIGRATE, valueFrom: {configMapKeyRef: {name: env, key: m}}}]"


@pytest.mark.parametrize(
    ("lines", "others", "migrates"),
    [
        ([FROM], [config('MIGRATE: "1"')], True),
        ([KEY], [config('m: "1"')], True),
        ([FROM.replace("{config", "{prefix: MIG, config")], [config('RATE: "1"')], True),
        ([FROM, "env: [{name: MIGRATE, value: '0'}]"], [config('MIGRATE: "1"')], False),
        ([FROM], [config('MIGRATE: "0"')], False),
        ([FROM], [config('MIGRATE: "1"', "other")], False),
        ([], [config('MIGRATE: "1"')], False),
    ],
)
def test_variables_from_a_map(
    make: Make, lines: list[str], others: list[str], migrates: bool
) -> None:
    deployment = make(pod("command: [./start.sh]", *lines), *others, start_sh=START)
    found = [c.management for c in deployment.processes[0].commands]
    assert ("migrate" in found) is migrates


def test_maps_that_do_not_agree_say_nothing(make: Make) -> None:
    maps = [config('MIGRATE: "1"'), config('MIGRATE: "0"'), config("OTHER: a")]
    process = make(pod(WEB, FROM), *maps).processes[0]
    assert process.environment == {"MIGRATE": None, "OTHER": "a"}


def test_files_in_a_map_are_read_where_they_stand(make: Make) -> None:
    script = "\n".join(f"    {line}" for line in START.splitlines())
    nginx = "server {\n      location /media/ { alias /srv/media/; }\n    }"
    deployment = make(
        config(f"start.sh: |\n{script}\n  nginx.conf: |\n    {nginx}\n  a.txt: |\n    a\n    b"),
        pod("command: [/scripts/start.sh]", "env: [{name: MIGRATE, value: '1'}]"),
    )
    (process,) = deployment.processes
    assert calls(process) == [("./manage.py migrate", 7), ("gunicorn shop.wsgi", 8)]
    assert [str(d.location) for d in deployment.nginx if d.name == "alias"] == ["k8s/all.yaml:11"]


TWO = config("init.sh: |\n    id\n    ls\n  start.sh: |\n    id\n    celery beat\n")
OTHER = config("start.sh: |\n    id\n    flower\n", name="other")


@pytest.mark.parametrize(
    ("mount", "volume", "expected"),
    [
        ("mountPath: /app/start.sh, subPath: start.sh", "{name: env}", "celery beat"),
        ("mountPath: /app/start.sh, subPath: init.sh", "{name: env}", "ls"),
        ("mountPath: /app", "{name: env}", "celery beat"),
        ("mountPath: /app", "{name: other}", "flower"),
        ("mountPath: /app", "{name: env, items: [{key: init.sh, path: start.sh}]}", "ls"),
        # Another place, another map, or not that file of it.
        ("mountPath: /srv", "{name: env}", "gunicorn shop.wsgi"),
        ("mountPath: /app", "{name: gone}", "gunicorn shop.wsgi"),
        (
            "mountPath: /app",
            "{name: env, items: [{key: init.sh, path: a.sh}]}",
            "gunicorn shop.wsgi",
        ),
        ("mountPath: /app/start.sh, subPath: a.sh", "{name: env}", "gunicorn shop.wsgi"),
    ],
)
def test_a_file_of_a_map_where_it_is_mounted(
    make: Make, mount: str, volume: str, expected: str
) -> None:
    container = pod("command: [/app/start.sh]", f"volumeMounts: [{{name: v, {mount}}}]")
    volumes = f"      volumes: [{{name: v, configMap: {volume}}}]\n"
    process = make(container + volumes, TWO, OTHER, start_sh=START).processes[0]
    assert calls(process)[-1][0] == expected


def test_a_file_of_the_project_comes_before_one_in_a_map(make: Make) -> None:
    text = config("start.sh: |\n    #!/bin/sh\n    exec celery worker")
    deployment = make(text, pod("command: [./start.sh]"), start_sh="exec gunicorn shop.wsgi\n")
    assert [c.location.path for c in deployment.processes[0].commands] == ["start.sh"]


def test_what_a_hook_runs_when_a_container_has_started(make: Make) -> None:
    hook = "lifecycle: {postStart: {exec: {command: [./manage.py, migrate]}}}"
    first, second = make(pod(WEB, hook)).processes
    assert (calls(second), second.beside) == ([("./manage.py migrate", 10)], True)
    assert not first.beside


@pytest.mark.parametrize(
    ("target", "kept"),
    [("/app/media", 1), ("/srv/uploads/", 1), ("/app/static", 0), ("/tmp", 0), ("/dev/shm", 0)],
)
def test_uploads_in_a_directory_of_the_pod(make: Make, target: str, kept: int) -> None:
    text = pod(WEB, f"volumeMounts: [{{name: m, mountPath: {target}}}]")
    (process,) = make(text + "      volumes: [{name: m, emptyDir: {}}]\n").processes
    assert len(process.volumes) == kept


@pytest.mark.parametrize(
    ("manifest", "sign"),
    [
        ("sessionAffinity: ClientIP", "sessionAffinity: ClientIP"),
        ("sessionAffinity: {affinityType: GENERATED_COOKIE}", "affinityType: GENERATED_COOKIE"),
        ("trafficPolicy: {loadBalancer: {consistentHash: {httpCookie: {name: a}}}}",
         "consistentHash: httpCookie"),
        ("rules: [{sessionPersistence: {sessionName: a}}]", "sessionPersistence"),
        ("sessionAffinity: None", ""),
        ("sessionAffinity: {affinityType: NONE}", ""),
        ("trafficPolicy: {loadBalancer: {simple: LEAST_REQUEST}}", ""),
        ("rules: [{host: a}]", ""),
    ],
)  # fmt: skip
def test_what_sends_a_client_to_the_same_replica(make: Make, manifest: str, sign: str) -> None:
    objects = make(other("Thing", f"spec: {{{manifest}}}")).manifests.objects
    assert [found for found, _ in affinities(objects)] == [sign] * bool(sign)


def test_whose_an_image_is(make: Make) -> None:
    django = "env: [{name: DJANGO_SETTINGS_MODULE, value: shop.settings}]"
    deployment = make(
        pod(django, "name: web"),
        pod(django, "name: nginx", name="proxy"),
        pod("name: ui", name="ui").replace("image: shop", "image: example.org/pages:1"),
        pod("name: job", name="job").replace("image: shop", "image: shop:2"),
    )
    assert {p.name: p.own for p in deployment.processes} == {
        "web/web": True,
        "proxy/nginx": False,
        "ui/ui": False,
        "job/job": True,
    }


def test_an_image_that_nothing_is_known_of_may_be_the_project_s(make: Make) -> None:
    (process,) = make(pod("name: web")).processes
    assert process.own


def test_an_image_is_the_dockerfile_s_that_is_called_so(make: Make) -> None:
    deployment = make(
        pod("name: a").replace("image: shop", "image: example.org/shop-web:1"),
        pod("name: b", name="b").replace("image: shop", "image: example.org/shop-worker:1"),
        Dockerfile="FROM node\nCMD node\n",
        web_Dockerfile='FROM python\nCMD ["gunicorn", "shop.wsgi"]\n',
        worker_Dockerfile='FROM python\nCMD ["celery", "worker"]\n',
    )
    started = {p.name: p.words for p in deployment.processes}
    assert started["web/a"] == ("gunicorn", "shop.wsgi")
    assert started["b/b"] == ("celery", "worker")


PATCH = """\
patches:
  - patch: |-
      apiVersion: apps/v1
      kind: Deployment
      metadata: {name: web}
      spec: {replicas: 3}
"""
JSON = """\
patches:
  - target: {kind: Deployment, name: web}
    patch: |-
      - {op: replace, path: /spec/replicas, value: 3}
"""


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (PATCH, 6),
        (JSON, 4),
        (PATCH.replace("patches", "patchesStrategicMerge").replace("patch: ", ""), 6),
        ("replicas: [{name: web, count: 3}]\n", 1),
        ("replicas: [{name: other, count: 3}]\n", 0),
        (JSON.replace("name: web", "name: other"), 0),
        (JSON.replace("/spec/replicas", "/spec/paused"), 0),
        ("patches: [{path: web.yaml}, a]\nresources: [web.yaml]\n", 0),
        ("[1, 2]\n", 0),
        ("", 0),
    ],
)
def test_a_kustomization_says_how_many_there_are(make: Make, text: str, line: int) -> None:
    replicas = make(pod(WEB), kustomization_yaml=text).processes[0].replicas
    assert (replicas.location.line if replicas else 0) == line


def test_a_patch_that_is_no_yaml_is_noted(make: Make) -> None:
    deployment = make(pod(WEB), kustomization_yaml=PATCH.replace("{replicas", "{[replicas"))
    assert len(deployment.processes) == 1
    assert [unknown.subject for unknown in deployment.unknown] == ["kustomization.yaml"]


def test_what_a_kustomization_starts_instead(make: Make) -> None:
    path = "/spec/template/spec/containers/0/command"
    patch = JSON.replace("/spec/replicas, value: 3", f"{path}, value: [celery, worker, -B]")
    _, patched = make(pod(WEB), kustomization_yaml=patch).processes
    assert calls(patched) == [("celery worker -B", 4)]


def test_variables_that_a_kustomization_makes(make: Make) -> None:
    maps = "configMapGenerator: [{name: env, literals: [MIGRATE=1, A=b=c, none]}]\n"
    (process,) = make(pod(WEB, FROM), kustomization_yaml=maps).processes
    assert process.environment == {"MIGRATE": "1", "A": "b=c"}


KEYS = (
    *("kind", "metadata", "name", "spec", "template", "containers", "command", "args", "env"),
    *("envFrom", "configMapRef", "volumes", "volumeMounts", "replicas", "livenessProbe", "data"),
    *("lifecycle", "preStop", "postStart", "exec", "patches", "patch", "target", "literals"),
    *("scaleTargetRef", "maxReplicas", "items", "objects", "annotations", "emptyDir", "image"),
)
KINDS = ("Deployment", "ConfigMap", "CronJob", "List", "Template", "HorizontalPodAutoscaler")


def anything(dice: random.Random, depth: int) -> object:
    if depth == 0 or dice.random() < 0.1:
        return dice.choice([None, 1, True, "web", "a b\nc", "$x", *KINDS])
    if dice.random() < 0.3:
        return [anything(dice, depth - 1) for _ in range(dice.randrange(4))]
    return {dice.choice(KEYS): anything(dice, depth - 1) for _ in range(dice.randrange(7))}


@pytest.mark.parametrize("seed", range(12))
def test_any_object_is_read_without_an_error(make: Make, seed: int) -> None:
    dice = random.Random(seed)
    documents = [
        {"apiVersion": "v1", "kind": dice.choice(KINDS), **cast("Any", made)}
        for _ in range(8)
        if isinstance(made := anything(dice, 6), dict)
    ]
    text = yaml.safe_dump_all(documents)
    deployment = make(text, kustomization_yaml=yaml.safe_dump(anything(dice, 5)))
    assert isinstance(deployment.processes, list)
    list(affinities(deployment.manifests.objects))
    assert all("Error" not in str(each) for each in deployment.unknown)


RUNS = "command: [./manage.py, runserver]"
SOCKETS = pod("command: [daphne, shop.asgi]", name="sockets")


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"k8s/all.yaml": f"{pod(RUNS)}---\n{SOCKETS}"}, ["sockets", "web"]),
        ({"k8s/web.yaml": pod(RUNS), "k8s/sockets.yaml": SOCKETS}, ["sockets", "web"]),
        ({"k8s/web/pod.yaml": pod(RUNS), "k8s/sockets/pod.yaml": SOCKETS}, ["sockets", "web"]),
        # The same one is deployed with a server, or its server is another deployment's.
        ({"k8s/mine/pod.yaml": pod(RUNS), "k8s/shop/pod.yaml": pod(WEB)}, ["web"]),
        ({"mine/pod.yaml": pod(RUNS), "k8s/shop/sockets.yaml": SOCKETS}, ["sockets"]),
        ({"k8s/pod.yaml": pod(RUNS), "Procfile": "web: gunicorn shop.wsgi"}, ["web"]),
        ({"k8s/dev/pod.yaml": pod(RUNS), "k8s/shop/pod.yaml": SOCKETS}, ["sockets"]),
    ],
)
def test_the_development_server_beside_a_real_one_of_the_same_cluster(
    tmp_path: Path, files: dict[str, str], expected: list[str]
) -> None:
    found = deployment_of(tmp_path, files).processes
    assert sorted(process.name for process in found) == expected
