"""A stranger's words in Markdown that we write."""


def escaped(text: str) -> str:
    r"""Keep words from becoming markup, a mention or another cell of a table.

    >>> print(escaped("[*c1*] | <b>"))
    \[\*c1\*\] \| \<b\>
    """
    text = " ".join(text.split())
    for letter in "\\`*_{}[]<>|~#!":
        text = text.replace(letter, f"\\{letter}")
    return text.replace("@", "@\N{ZERO WIDTH SPACE}")
