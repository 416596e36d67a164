"""Letters that files write in several ways, and the JSON strings that stand for them."""

from __future__ import annotations

from hypothesis import strategies as st

# Letters of each kind that JSON, UTF-8 or UTF-16 write differently.
LETTERS = st.sampled_from([*'ab "\\/', "\t", "\n", "\r\n", "\r", "ö", "\u2028", "😀", "\U0001d518", "\x7f"])
SHORT = {"\n": "\\n", "\r": "\\r", "\t": "\\t", '"': '\\"', "\\": "\\\\", "/": "\\/"}


@st.composite
def literals(draw: st.DrawFn, text: str) -> str:
    """A JSON string for a text, each character written in one of the ways in which it can be."""
    return '"' + "".join(draw(st.sampled_from(ways(character))) for character in text) + '"'


def ways(character: str) -> list[str]:
    units = character.encode("utf-16-be", "surrogatepass").hex()
    escaped = "".join(f"\\u{units[start : start + 4]}" for start in range(0, len(units), 4))
    plain = [character] if character >= " " and character not in '"\\' else []
    return [*plain, escaped, escaped.upper().replace("U", "u"), *([SHORT[character]] if character in SHORT else [])]
