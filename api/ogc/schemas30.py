"""A JSON Schema of pydantic in, the same out as OpenAPI 3.0 writes it: no references, no null."""

from collections.abc import Iterator
from typing import Any

Described = dict[str, Any]

# What OpenAPI 3.0 has no word for; each only narrows, and the service checks it all the same.
_LEFT_OUT = frozenset({"$defs", "prefixItems", "propertyNames", "discriminator"})


def opened(schema: Described, definitions: Described) -> Described:
    """Return a schema with what it refers to in it; null goes, as what is not given is left out.

    >>> opened({"anyOf": [{"type": "number", "exclusiveMinimum": 0}, {"type": "null"}]}, {})
    {'type': 'number', 'minimum': 0, 'exclusiveMinimum': True}
    """
    if "$ref" in schema:
        named: Described = definitions[schema["$ref"].rpartition("/")[2]]
        return opened({**named, **_without(schema, "$ref")}, definitions)
    kept = [kind for kind in schema.get("anyOf", ()) if kind != {"type": "null"}]
    if len(kept) == 1:
        return opened({**kept[0], **_without(schema, "anyOf")}, definitions)
    return {
        name: value
        for word, said in schema.items()
        if word not in _LEFT_OUT and (word, said) != ("default", None)
        for name, value in _written(word, said, definitions)
    }


def _without(schema: Described, word: str) -> Described:
    return {name: said for name, said in schema.items() if name != word}


def _written(word: str, said: Any, definitions: Described) -> Iterator[tuple[str, Any]]:
    match word:
        case "const":
            yield "enum", [said]
        case "exclusiveMinimum" | "exclusiveMaximum":
            yield word.removeprefix("exclusive").lower(), said
            yield word, True
        case "examples":
            yield "example", said[0]
        case "properties":
            yield word, {name: opened(part, definitions) for name, part in said.items()}
        case "items" | "additionalProperties" if isinstance(said, dict):
            yield word, opened(said, definitions)
        case "anyOf" | "oneOf" | "allOf":
            yield word, [opened(part, definitions) for part in said]
        case _:
            yield word, said
