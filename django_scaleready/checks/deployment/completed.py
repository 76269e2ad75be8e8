"""A process as its image completes it."""

from __future__ import annotations

from dataclasses import replace

from django_scaleready.checks.deployment.files import Kind
from django_scaleready.checks.deployment.formats.dockerfile import Stage
from django_scaleready.checks.deployment.names import shell_of
from django_scaleready.checks.deployment.process import Described, Probe, Process, Volume
from django_scaleready.checks.deployment.urls import probed_path


def completed(process: Process, one: Described, stage: Stage | None) -> Process:
    """Return a process as its image completes it."""
    given = one.words
    starts = stage is not None and stage.entrypoint and one.entrypoint is None
    if one.process.kind is Kind.KUBERNETES and not starts and len(given) == 1 and " " in given[0]:
        # One word is a line for the shell that the image begins with.
        given = ("sh", "-c", *given)
    if stage is None:
        return replace(process, words=given)
    if one.entrypoint is not None:
        words, place = given, process.started_at
    elif one.command is not None:
        start = stage.entrypoint.words if stage.entrypoint else ()
        words, place = (*start, *one.command), process.started_at
        if stage.entrypoint and stage.entrypoint.in_shell:
            place = stage.entrypoint.location
    else:
        words, place = stage.started, stage.started_at
    health = [
        Probe("health", path, stage.health.location)
        for path in [probed_path(stage.health.words) if stage.health else ""]
        if path and stage.health and not process.probes
    ]
    volumes = [Volume("", path, location) for path, location in stage.volumes]
    return replace(
        process,
        words=words,
        started_at=place,
        environment={**stage.environment, **process.environment},
        copies=stage.copies,
        placed=stage.placed,
        linked=stage.linked,
        folder=stage.folder,
        listens=stage.listens and words == stage.started,
        inherits=stage.entrypoint is None and one.entrypoint is None,
        shell=shell_of(stage.base),
        stop_signal=process.stop_signal or stage.stop_signal,
        signal_said_at=process.signal_said_at or stage.signal_said_at,
        volumes=(*process.volumes, *volumes),
        probes=(*process.probes, *health),
    )
