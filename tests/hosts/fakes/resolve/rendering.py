# SPDX-License-Identifier: Apache-2.0
"""What a Project can do on the Deliver page."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from fakes.resolve.api import Handle, api
from fakes.resolve.rejection import FakeRejection
from fakes.resolve.renderqueue import CODECS, FORMATS, SETTING_KEYS, RenderJob, RenderQueue

if TYPE_CHECKING:
    from fakes.resolve.projectstate import ProjectState

__all__ = ["RenderHandle"]

STATES = {
    "en": {},
    "it": {
        "Ready": "Pronto",
        "Rendering": "Rendering in corso",
        "Complete": "Concluso",
        "Failed": "Non riuscito",
    },
}
"""[M] JobStatus in the program's language; the Italian of 'Complete' is measured, the others are [I]."""


class RenderHandle(Handle):
    """[M] Every call that changes something, and GetCurrentRenderMode, moves Resolve to the Deliver page."""

    _project: ProjectState

    @property
    def _render(self) -> RenderQueue:
        return self._project.render

    def _go_to_deliver(self) -> None:
        self._app.page = "deliver"

    @api(failed={})
    def GetRenderFormats(self) -> dict[str, str]:
        return dict(FORMATS)

    @api(failed={})
    def GetRenderCodecs(self, renderFormat: str) -> dict[str, str]:
        """[M] of an extension: description to id; empty for some formats ('wav')."""
        return dict(CODECS.get(renderFormat, {}))

    @api(failed={})
    def GetCurrentRenderFormatAndCodec(self) -> dict[str, str]:
        return {"format": self._render.format, "codec": self._render.codec}

    @api(failed=False)
    def SetCurrentRenderFormatAndCodec(self, format: str, codec: str) -> bool:
        """[M] ids only: ('mov', 'ProRes422HQ'), not the descriptions."""
        self._go_to_deliver()
        if codec not in CODECS.get(format, {}).values():
            return False
        self._render.format, self._render.codec = format, codec
        return True

    @api(failed=0)
    def GetCurrentRenderMode(self) -> int:
        """[V] 0 individual clips, 1 a single clip."""
        self._go_to_deliver()
        return self._render.mode

    @api(failed=False)
    def SetCurrentRenderMode(self, renderMode: int) -> bool:
        self._go_to_deliver()
        if renderMode not in (0, 1):
            return False
        self._render.mode = renderMode
        return True

    @api(failed=False)
    def SetRenderSettings(self, settings: dict[str, Any]) -> bool:
        """[M] on top of what is there; an empty CustomName refuses the whole; ExportSubtitle alone is
        refused; marks before the timeline's start become its start. Nothing reads them back.
        """
        self._go_to_deliver()
        for key, value in settings.items():
            since, kinds = SETTING_KEYS.get(key, (None, ()))
            if since is None:
                raise FakeRejection(f"SetRenderSettings has no key {key!r}")
            if not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds):
                raise FakeRejection(f"SetRenderSettings: {key} is {value!r}")
            if not self._app.edition.has(since):
                return False
        if settings.get("CustomName", "name") == "":
            return False
        if "ExportSubtitle" in settings and "SubtitleFormat" not in settings:
            return False
        self._render.settings.update(settings)
        return True

    @api(failed=False)
    def LoadRenderPreset(self, presetName: str) -> bool:
        self._go_to_deliver()
        preset = self._render.presets.get(presetName)
        if preset is not None:
            self._render.load(preset)
        return preset is not None

    @api(failed=False)
    def SaveAsNewRenderPreset(self, presetName: str) -> bool:
        """[V] False when there is one of the name."""
        if not presetName or presetName in self._render.presets:
            return False
        self._render.presets[presetName] = self._render.snapshot()
        return True

    @api(failed=False)
    def DeleteRenderPreset(self, presetName: str) -> bool:
        return self._render.presets.pop(presetName, None) is not None

    @api(failed=[])
    def GetRenderPresetList(self) -> list[str]:
        return list(self._render.presets)

    @api(failed="")
    def AddRenderJob(self) -> str:
        """[V] of the current timeline with the settings that hold now: its id; empty when nothing can be
        added.
        """
        self._go_to_deliver()
        timeline, render = self._project.current_timeline, self._render
        if timeline is None or not timeline.all_items() or not render.settings.get("TargetDir"):
            return ""
        settings = dict(render.settings)
        first, last = timeline.start_frame, timeline.end_frame_exclusive - 1
        if not settings.get("SelectAllFrames", True) or "MarkIn" in settings:
            marks = (settings.get("MarkIn", first), settings.get("MarkOut", last))
            if not settings.get("SelectAllFrames", False):
                first, last = (max(mark, timeline.start_frame) for mark in marks)
        job = RenderJob(timeline, first, last, render.format, render.codec, settings)
        render.jobs.append(job)
        return job.id

    @api(failed=[])
    def GetRenderJobList(self) -> list[dict[str, Any]]:
        return [
            {
                "JobId": job.id,
                "TimelineName": job.timeline.name,
                "TargetDir": job.settings.get("TargetDir", ""),
                "OutputFilename": self._app.render_name(job),
                "MarkIn": job.mark_in,
                "MarkOut": job.mark_out_inclusive,
                "IsExportVideo": job.settings.get("ExportVideo", True),
                "IsExportAudio": job.settings.get("ExportAudio", True),
                "PresetName": "Custom",
            }
            for job in self._render.jobs
        ]

    @api(failed=False)
    def DeleteRenderJob(self, jobId: str) -> bool:
        kept = [job for job in self._render.jobs if job.id != jobId]
        is_changed = len(kept) < len(self._render.jobs)
        self._render.jobs[:] = kept
        return is_changed

    @api(failed=False)
    def StartRendering(self, jobIds: list[str], isInteractiveMode: bool = False) -> bool:
        """[V] starts and answers at once; progress is made while its status is asked for."""
        self._go_to_deliver()
        jobs = [job for job in self._render.jobs if job.id in jobIds]
        if len(jobs) != len(jobIds) or not jobs or self.IsRenderingInProgress():
            return False
        for job in jobs:
            job.state, job.percentage = "Rendering", 0
        return True

    @api()
    def StopRendering(self) -> None:
        for job in self._render.jobs:
            if job.state == "Rendering":
                job.state = "Cancelled"

    @api(failed=False)
    def IsRenderingInProgress(self) -> bool:
        return any(job.state == "Rendering" for job in self._render.jobs)

    @api(failed={})
    def GetRenderJobStatus(self, jobId: str) -> dict[str, Any]:
        """[V] JobStatus (in the program's language, [M]), CompletionPercentage, and Error when it failed."""
        found = [job for job in self._render.jobs if job.id == jobId]
        if not found:
            return {}
        job = found[0]
        if job.state == "Rendering":
            job.percentage = min(100, job.percentage + 50)
            if self._render.failing:
                job.state, job.error = "Failed", self._render.failing
            elif job.percentage == 100:
                job.made = self._write(job)
                job.state = "Complete"
        words = STATES[self._app.behaviour.job_status_language]
        status: dict[str, Any] = {
            "JobStatus": words.get(job.state, job.state),
            "CompletionPercentage": job.percentage,
        }
        if job.state == "Rendering":
            status["EstimatedTimeRemainingInMs"] = 1000
        if job.state == "Complete":
            status["TimeTakenToRenderInMs"] = 1000
        if job.error:
            status["Error"] = job.error
        return status

    def _write(self, job: RenderJob) -> list[Path]:
        from fakes.resolve.delivery import deliver

        return deliver(job, self._app.render_name(job))
