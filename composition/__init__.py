"""A picture, a copy deck and a placement become one finished rendition.

This room knows pixels and fonts. It opens the files it is given and no others, and knows no
network, no clock and no environment: the same order gives the same bytes on every day.
"""
