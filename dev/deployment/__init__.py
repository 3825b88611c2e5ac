"""A deployment on this machine: the real tool, the real templates, and an emulator in AWS's place."""
