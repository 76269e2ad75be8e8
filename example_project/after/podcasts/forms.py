"""Forms."""

from django import forms

from podcasts.models import AUDIO_EXTENSIONS, Episode


class EpisodeForm(forms.ModelForm):
    """Publishes an episode; the show is that of the page, not the visitor's to choose."""

    class Meta:
        model = Episode
        fields = ["title", "description", "audio"]
        widgets = {
            "description": forms.Textarea(attrs={"rows": 4}),
            "audio": forms.ClearableFileInput(
                attrs={"accept": ",".join(f".{extension}" for extension in AUDIO_EXTENSIONS)}
            ),
        }
