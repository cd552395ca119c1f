"""What a person writes of a Photon in own words, as answers to the questions."""

from netcheck.user.story.reading import Told, told

__all__ = ["Told", "told"]
