"""The memos of this process: scalar texts and what they mean, each as one object.

Files of one fleet say the same words over and over. Both readers share the memos.
"""

from __future__ import annotations

import sys
from typing import Final

from edgegen.yamlio.scalars import Native, key_text, native, resolve

_MEMO_TEXT = 64  # longer scalars hardly repeat
_MEMO_SIZE = 65_536
MERGE_KEY: Final = "".join(("<", "<"))
"""An object of its own, told from quoted text by identity."""


class _Plain(dict[str, Native]):
    """Memo: plain scalar -> JSON value; equal strings become one object."""

    def __missing__(self, text: str) -> Native:
        value = resolve(text)
        if len(text) <= _MEMO_TEXT:
            if len(self) >= _MEMO_SIZE:
                self.clear()
            self[text] = value
        return value


class _Keys(dict[str, str]):
    """Memo: plain mapping key -> the key as the API server spells it."""

    def __missing__(self, text: str) -> str:
        key = MERGE_KEY if text == MERGE_KEY else sys.intern(key_text(native(text), text))
        if len(text) <= _MEMO_TEXT:
            if len(self) >= _MEMO_SIZE:
                self.clear()
            self[text] = key
        return key


class _Quoted(dict[str, str]):
    """Memo: quoted scalar -> the same text as one object."""

    def __missing__(self, text: str) -> str:
        if len(text) <= _MEMO_TEXT:
            if len(self) >= _MEMO_SIZE:
                self.clear()
            self[text] = text
        return text


PLAIN, KEYS, QUOTED = _Plain(), _Keys(), _Quoted()
