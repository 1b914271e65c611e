"""Scores a text with the rules of VADER in linear time.

The rules and constants are those of Hutto & Gilbert (2014), "VADER: A Parsimonious Rule-based Model for Sentiment
Analysis of Social Media Text". The published program lowers the whole text again for every word it knows, which lets
one request of 10,000 characters occupy a core for more than a second; here each word looks at three words before it
and two after it.
"""

import math
import string
from collections.abc import Mapping
from dataclasses import dataclass, field

NEGATION = -0.74
SHOUTING = 0.733
EXCLAMATION = 0.292
QUESTION = 0.18
MANY_QUESTIONS = 0.96
NEVER_SO = 1.25
NORMALIZATION = 15
# How much of a booster is left one, two and three words before the word it belongs to.
DISTANCE = {1: 1.0, 2: 0.95, 3: 0.9}

_PUNCTUATION = string.punctuation + '“”‘’„«»…–—¿¡'


@dataclass(frozen=True)
class Lexicon:
    """Weights from -4 to 4; every key is lower case."""

    words: Mapping[str, float]
    boosters: Mapping[str, float] = field(default_factory=dict)
    negations: frozenset[str] = frozenset()
    idioms: Mapping[str, float] = field(default_factory=dict)
    translation: Mapping[int, str] = field(init=False)

    def __post_init__(self) -> None:
        # Emoji stand in a text without spaces around them, so each is set apart.
        symbols = [word for word in self.words if len(word) == 1 and not (word.isascii() or word.isalnum())]
        table = {ord('’'): "'"} | {ord(symbol): f' {symbol} ' for symbol in symbols}
        object.__setattr__(self, 'translation', table)


def score_text(text: str, lexicon: Lexicon) -> float:
    """From -1 (negative) to 1 (positive), rounded to four places; 0 where nothing is known."""
    return measure_text(text, lexicon)[0]


def measure_text(text: str, lexicon: Lexicon) -> tuple[float, float]:
    """The score, and the share of the words that the lexicon has, both rounded to four places."""
    tokens = [_strip(token) for token in text.translate(lexicon.translation).split()]
    sentence = _Sentence(tokens, lexicon)
    valences = [sentence.valence(index) for index in range(len(tokens))]
    if 'but' in sentence.lower:
        turn = sentence.lower.index('but')
        valences = [v * (0.5 if i < turn else 1.5 if i > turn else 1) for i, v in enumerate(valences)]
    total = sum(valences)
    total += math.copysign(_emphasis(text), total) if total else 0
    known = sum(word in lexicon.words for word in sentence.lower)
    coverage = round(known / len(tokens), 4) if tokens else 0.0
    return round(total / math.sqrt(total * total + NORMALIZATION), 4), coverage


def _strip(token: str) -> str:
    # What is left of ":)" or ":D" is too short to be a word: such a token is an emoticon, and stays whole.
    stripped = token.strip(_PUNCTUATION)
    return stripped if len(stripped) > 2 else token


def _emphasis(text: str) -> float:
    questions = text.count('?')
    asked = 0.0 if questions < 2 else questions * QUESTION if questions <= 3 else MANY_QUESTIONS
    return min(text.count('!'), 4) * EXCLAMATION + asked


class _Sentence:
    """The words of one text, with the look-ups around a position that all rules need."""

    def __init__(self, tokens: list[str], lexicon: Lexicon) -> None:
        self.tokens = tokens
        self.lower = [token.lower() for token in tokens]
        self.lexicon = lexicon
        # A text that is all capitals emphasises nothing.
        self.has_shouting = 0 < sum(token.isupper() for token in tokens) < len(tokens)

    def at(self, index: int) -> str:
        return self.lower[index] if 0 <= index < len(self.lower) else ''

    def phrase(self, start: int, length: int) -> str:
        return ' '.join(self.lower[start : start + length]) if start >= 0 else ''

    def valence(self, i: int) -> float:
        words, word = self.lexicon.words, self.lower[i]
        if word not in words or word in self.lexicon.boosters or self.phrase(i, 2) in self.lexicon.boosters:
            return 0.0
        idiom = self.idiom(i)
        value = words[word] if idiom is None else idiom
        if word == 'no' and self.at(i + 1) in words:
            value = 0.0
        if 'no' in (self.at(i - 1), self.at(i - 2)) or (self.at(i - 3) == 'no' and self.at(i - 1) in ('or', 'nor')):
            value = words[word] * NEGATION
        if self.has_shouting and self.tokens[i].isupper():
            value += SHOUTING if value > 0 else -SHOUTING
        for distance in (1, 2, 3):
            if i >= distance and self.lower[i - distance] not in words:
                value += self.boost(i - distance, value) * DISTANCE[distance]
                value *= self.negation(i, distance)
        if self.at(i - 1) == 'least' and 'least' not in words and self.at(i - 2) not in ('at', 'very'):
            value *= NEGATION
        return value

    def idiom(self, i: int) -> float | None:
        """The weight of the longest idiom that this word is part of."""
        idioms = self.lexicon.idioms
        around = ((i, 3), (i - 1, 3), (i - 2, 3), (i, 2), (i - 1, 2))
        return next((idioms[phrase] for phrase in (self.phrase(*span) for span in around) if phrase in idioms), None)

    def boost(self, j: int, value: float) -> float:
        boosters = self.lexicon.boosters
        boost = boosters.get(self.lower[j], boosters.get(self.phrase(j - 1, 2), 0.0))
        if value < 0:
            boost = -boost
        if boost and self.has_shouting and self.tokens[j].isupper():
            boost += SHOUTING if value > 0 else -SHOUTING
        return boost

    def negation(self, i: int, distance: int) -> float:
        word = self.lower[i - distance]
        between = self.lower[i - distance + 1 : i]
        if word == 'never' and ('so' in between or 'this' in between):
            return NEVER_SO
        if word == 'without' and 'doubt' in between:
            return 1.0
        return NEGATION if word in self.lexicon.negations or "n't" in word else 1.0
