"""The base of our errors; each feature's errors carry the decision that their catcher must take."""


class JawabError(Exception):
    """Something that we foresaw went wrong; the message is fit to be shown to an operator."""
