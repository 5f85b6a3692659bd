"""What a posted form holds, for page functions that do not wait themselves."""

from typing import Annotated, Any, Final, TypeAlias

from fastapi import Depends, Request
from starlette.datastructures import ImmutableMultiDict, UploadFile

from web.api.problems import Problem

_MOST_BYTES: Final = 1_000_000


async def _fields(request: Request) -> ImmutableMultiDict[str, Any]:
    """Every field as text; a file is its text, an empty one is left out."""
    found: list[tuple[str, Any]] = []
    for name, value in (await request.form()).multi_items():
        if isinstance(value, UploadFile):
            if text := await _text(value):
                found.append((name, text))
        else:
            found.append((name, value))
    return ImmutableMultiDict(found)


async def _text(file: UploadFile) -> str:
    data = await file.read(_MOST_BYTES + 1)
    if len(data) > _MOST_BYTES:
        raise Problem(413, f"the file is larger than {_MOST_BYTES:,} bytes: split it")
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise Problem(400, "the file is not UTF-8 text: choose the TOML file itself") from error


Fields: TypeAlias = Annotated[ImmutableMultiDict[str, Any], Depends(_fields)]
"""The fields of the posted form."""
