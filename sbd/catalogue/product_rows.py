"""Cells of a table, all text -> checked products, or every fault of it with row and column."""

import difflib
import math
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from types import MappingProxyType

from sbd.catalogue.product import UNRATED, LiftingGear, Product, Role, Shape, contradictions
from sbd.catalogue.product_defaults import REQUIRED, defaults
from sbd.catalogue.ratings import Rating, parse_rating
from sbd.errors import CatalogueError
from sbd.model.words import FOUNDATIONS

COLUMNS = tuple(field.name for field in fields(Product))
# As Excel writes them: 1,5 or 1.5, a sign, blanks between thousands.
_NUMBER = re.compile(r"[+-]?\d+([.,]\d+)?")
# 1.200 is 1200 in Berlin and 1.2 in London; 0.250 and 1.2000 are clear.
_AMBIGUOUS = re.compile(r"[+-]?[1-9]\d{0,2}[.,]\d{3}")
_BLANKS = str.maketrans("", "", "  \u202f'")
_WORD = re.compile(r"\w+")
# What an empty cell means where it need not be filled in.
_UNKNOWN: Mapping[str, object] = MappingProxyType(
    {"rating": "", "debris_m": math.nan, "rent_day_low": math.nan, "rent_day_high": math.nan}
)


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a table: where it stands, and the text of each cell by column."""

    number: int
    cells: Mapping[str, str]


def products_of(
    columns: Sequence[str], rows: Sequence[Row], *, name: str, shipped: Sequence[Product] = ()
) -> tuple[Product, ...]:
    """Return the products of a table.

    Parameters
    ----------
    columns : sequence of str
        Its header.
    name : str
        Of the file, for messages and as the source of what a row names none for.
    shipped : sequence of Product
        What columns and cells that are left out are filled from; without it none may be.

    Raises
    ------
    CatalogueError
        With every fault, each with its row and column: unknown, missing and double columns, what
        is no number or no word of its column, figures out of range, a rating that is not
        understood or contradicts its columns, double ids, mixed currencies.
    """
    needed = REQUIRED if shipped else COLUMNS
    faults = _faults_of_header(columns, needed)
    if not set(needed) <= set(columns):
        raise _all(name, faults)  # every row would say the same once more
    products: list[Product] = []
    for row in rows:
        product, row_faults = _product(row, name, shipped)
        faults += [f"row {row.number}: {fault}" for fault in row_faults]
        products += [] if product is None else [product]
    faults += _faults_of_list(rows)
    if faults:
        raise _all(name, faults)
    return tuple(products)


def _all(name: str, faults: Sequence[str]) -> CatalogueError:
    noun = "fault" if len(faults) == 1 else "faults"
    return CatalogueError(f"{name}: {len(faults)} {noun}: {'; '.join(faults)}", faults)


def _faults_of_header(columns: Sequence[str], needed: Sequence[str]) -> list[str]:
    faults = [f"column {column} is missing" for column in needed if column not in columns]
    for column, count in Counter(columns).items():
        if column not in COLUMNS:
            near = difflib.get_close_matches(column, COLUMNS, n=1)
            hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(COLUMNS)}"
            faults.append(f"column {column!r} is not known; {hint}")
        elif count > 1:
            faults.append(f"column {column} is there {count} times")
    return faults


def _faults_of_list(rows: Sequence[Row]) -> list[str]:
    if not rows:
        return ["no product; add at least one row"]
    ids, currencies = _where(rows, "product_id"), _where(rows, "currency")
    faults = [
        f"rows {', '.join(map(str, numbers))}: product_id {text!r} is there {len(numbers)} times"
        for text, numbers in ids.items()
        if len(numbers) > 1
    ]
    if len(currencies) > 1:
        first = ", ".join(f"{text} (row {where[0]})" for text, where in sorted(currencies.items()))
        faults.append(f"currency: {first} mixed; use one, conversion needs a date")
    return faults


def _where(rows: Sequence[Row], column: str) -> dict[str, list[int]]:
    """Return the rows in which each text of a column stands."""
    where: dict[str, list[int]] = {}
    for row in rows:
        if text := row.cells.get(column, ""):
            where.setdefault(str(_READ[column](text)), []).append(row.number)
    return where


def _product(row: Row, name: str, shipped: Sequence[Product]) -> tuple[Product | None, list[str]]:
    """Return the product of a row, or what is wrong with it."""
    stated, faults = _read(row, REQUIRED if shipped else COLUMNS)
    rating, rating_faults = _rating(row.cells.get("rating", ""), stated)
    faults |= rating_faults
    if faults and not shipped:
        return None, list(faults.values())
    told = list(faults.values())
    # A default in the place of a faulty cell lets the others be checked all the same.
    values = _filled(row, rating, name, shipped)
    values |= {column: value for column, value in stated.items() if column not in faults}
    try:
        product = Product(**values)  # type: ignore[arg-type]  # every cell was read as its type
    except CatalogueError as error:
        others = [fault for fault in error.faults if not faults.keys() & _WORD.findall(fault)]
        return None, told + others
    return (None if told else product), told


def _read(row: Row, needed: Sequence[str]) -> tuple[dict[str, object], dict[str, str]]:
    """Return the cells that could be read, and what is wrong with the others, by column."""
    stated: dict[str, object] = {}
    faults: dict[str, str] = {}
    for column in COLUMNS:
        text = row.cells.get(column, "")
        if text or column in _UNKNOWN:
            try:
                stated |= {column: _READ[column](text)} if text else {}
            except ValueError as error:
                faults[column] = f"{column} {text!r} {error}"
        elif column in needed:
            faults[column] = f"{column} is empty"
    return stated, faults


def _filled(
    row: Row, rating: Rating | None, name: str, shipped: Sequence[Product]
) -> dict[str, object]:
    if not shipped:
        return dict(_UNKNOWN)
    kind, foundation = row.cells.get("kind", ""), row.cells.get("foundation", "")
    first = {column: getattr(shipped[0], column) for column in REQUIRED}
    return first | dict(defaults(kind, foundation, rating, shipped=shipped, source=name))


def _rating(text: str, stated: Mapping[str, object]) -> tuple[Rating | None, dict[str, str]]:
    """Return what a rating says, and what is wrong with it or contradicts it, by column."""
    if not text:
        return None, {}
    try:
        rating = parse_rating(text)
    except CatalogueError as error:
        return None, {"rating": str(error)}
    columns = {name: value for name, value in stated.items() if isinstance(value, str | float)}
    return rating, {fault.split()[0]: fault for fault in contradictions(rating, columns)}


def _number(text: str) -> float:
    plain = text.translate(_BLANKS)
    if _AMBIGUOUS.fullmatch(plain):
        whole, part = re.sub("[.,]", "", plain), plain.replace(",", ".").rstrip("0").rstrip(".")
        raise ValueError(f"may be {whole} or {part}; write it one of these ways")
    if _NUMBER.fullmatch(plain) is None:
        raise ValueError("is not a number")
    return float(plain.replace(",", "."))


def _count(text: str) -> int:
    number = _number(text)
    if not number.is_integer():
        raise ValueError("is not a whole number")
    return int(number)


def _words(text: str) -> frozenset[str]:
    return frozenset(text.lower().replace(",", " ").split())


def _roles(text: str) -> frozenset[Role]:
    choose = _one_of({role.value: role for role in Role})
    return frozenset(role for word in _words(text) if isinstance(role := choose(word), Role))


def _one_of(choices: Mapping[str, object]) -> Callable[[str], object]:
    by_word = {word.lower(): choice for word, choice in choices.items()}

    def choose(text: str) -> object:
        if text.lower() not in by_word:
            raise ValueError(f"is not known; one of {', '.join(choices)}")
        return by_word[text.lower()]

    return choose


def _vehicle_class(text: str) -> str:
    return UNRATED if text.lower() == UNRATED else text.upper()


_YES_OR_NO = {"yes": True, "no": False, "true": True, "false": False, "1": True, "0": False}
_READ: Mapping[str, Callable[[str], object]] = MappingProxyType(
    {
        **{f.name: str for f in fields(Product)},
        **{f.name: _number for f in fields(Product) if f.type is float},
        **{f.name: _count for f in fields(Product) if f.type is int},
        "layouts": _words,
        "roles": _roles,
        "shape": _one_of({shape.value: shape for shape in Shape}),
        "foundation": _one_of({letter: letter for letter in FOUNDATIONS}),
        "closed_to_ground": _one_of(_YES_OR_NO),
        "rated_vehicle": _vehicle_class,
        "lifting_gear": _one_of({gear.value: gear for gear in LiftingGear}),
        "currency": str.upper,
    }
)
