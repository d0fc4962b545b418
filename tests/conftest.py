"""What holds for every test: hypothesis counts examples, not seconds."""

from hypothesis import settings

settings.register_profile("steady", deadline=None)
settings.load_profile("steady")
