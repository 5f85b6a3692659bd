"""Damages protobuf messages: at random bytes, or inside fields with all lengths kept right.

Random bytes mostly break a length and are refused at once. The damage inside fields is what a
parser has to get right: fields twice, out of order, of another number or wire type, groups,
overlong varints, text that is not UTF-8.
"""

from random import Random

from google.protobuf.descriptor import Descriptor

Field = tuple[int, int, bytes]  # number, wire type, the bytes after the tag without a length

_VARINT, _FIXED64, _BYTES, _GROUP, _END_GROUP, _FIXED32 = 0, 1, 2, 3, 4, 5
_ODD_VARINTS = [b"\x00", b"\x02", b"\x80\x00", b"\xff" * 9 + b"\x01", b"\xff\xff\xff\xff\x1f"]
_ODD_TEXTS = [b"", b"\xff", b"\xc0\x80", b"\xed\xa0\x80", b"a\x00b", b"\xf4\x90\x80\x80"]


def damaged(body: bytes, chance: Random) -> bytes:
    """The message with one to three damages of either sort."""
    for _ in range(chance.randint(1, 3)):
        body = _inside(body, chance) if chance.random() < 0.85 else _anywhere(body, chance)
    return body


def varint(number: int) -> bytes:
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*out, number])


def _anywhere(body: bytes, chance: Random) -> bytes:
    place = chance.randint(0, len(body))
    extra = chance.choice([b"", chance.randbytes(2), b"\x00", b"\x0b", b"\x0c"])
    return body[:place] + extra + body[place + chance.randint(0, 2) :]


def _inside(body: bytes, chance: Random) -> bytes:
    """Damages one field here or, more often, in a message below."""
    fields = _parse(body)
    if not fields:
        return _anywhere(body, chance)
    index = chance.randrange(len(fields))
    number, wire, content = fields[index]
    if wire == _BYTES and _parse(content) and chance.random() < 0.85:
        fields[index] = number, wire, _inside(content, chance)
        return _serialized(fields)
    match chance.randrange(8):
        case 0:
            fields.insert(chance.randint(0, len(fields)), fields[index])
        case 1:
            del fields[index]
        case 2:
            chance.shuffle(fields)
        case 3:
            fields[index] = chance.randint(1, 17), wire, content
        case 4:
            fields[index] = number, *_other_wire_type(chance)
        case 5:
            fields[index] = number, wire, _odd_content(wire, content, chance)
        case 6:
            fields.insert(index, (chance.randint(1, 20), *_other_wire_type(chance)))
        case _:
            fields.insert(index, (chance.randint(1, 20), _GROUP, b"\x08\x01"))
    return _serialized(fields)


def _other_wire_type(chance: Random) -> tuple[int, bytes]:
    return chance.choice(
        [
            (_VARINT, b"\x05"),
            (_FIXED64, bytes(8)),
            (_BYTES, b""),
            (_BYTES, b"\x08\x01"),
            (_FIXED32, bytes(4)),
        ]
    )


def _odd_content(wire: int, content: bytes, chance: Random) -> bytes:
    if wire == _VARINT:
        return chance.choice(_ODD_VARINTS)
    if wire == _BYTES:
        return chance.choice([*_ODD_TEXTS, content[:-1], content * 2])
    return chance.randbytes(len(content))


def _serialized(fields: list[Field]) -> bytes:
    parts = []
    for number, wire, content in fields:
        parts.append(varint(number << 3 | wire))
        if wire == _BYTES:
            parts.append(varint(len(content)))
        parts.append(content)
        if wire == _GROUP:
            parts.append(varint(number << 3 | _END_GROUP))
    return b"".join(parts)


def _parse(body: bytes) -> list[Field]:
    """The fields of a message; nothing when the bytes are none, or hold a group."""
    fields, at = [], 0
    try:
        while at < len(body):
            tag, at = _read_varint(body, at)
            number, wire = tag >> 3, tag & 7
            start = at
            match wire:
                case 0:
                    _, at = _read_varint(body, at)
                case 1:
                    at += 8
                case 2:
                    size, start = _read_varint(body, at)
                    at = start + size
                case 5:
                    at += 4
                case _:
                    return []
            if at > len(body) or not number:
                return []
            fields.append((number, wire, body[start:at]))
    except IndexError:
        return []
    return fields


def _read_varint(body: bytes, at: int) -> tuple[int, int]:
    number = shift = 0
    while True:
        byte = body[at]
        at += 1
        number |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return number, at


def holds_group(body: bytes, kind: Descriptor) -> bool:
    """Whether a parser of this message meets a group, at any level it knows."""
    at = 0
    try:
        while at < len(body):
            tag, at = _read_varint(body, at)
            field = kind.fields_by_number.get(tag >> 3)
            match tag & 7:
                case 0:
                    _, at = _read_varint(body, at)
                case 1:
                    at += 8
                case 2:
                    size, start = _read_varint(body, at)
                    at = start + size
                    below = field.message_type if field else None
                    if below and holds_group(body[start:at], below):
                        return True
                case 5:
                    at += 4
                case wire:
                    return wire == _GROUP
    except IndexError:
        pass
    return False
