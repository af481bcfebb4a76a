"""The frames of PI30, written from the protocol paper and nothing else."""

ACK = "ACK"
NAK = "NAK"
_RESERVED = (0x28, 0x0A, 0x0D)


def crc16(data: bytes) -> int:
    """Return the CRC with polynomial 0x1021 and start value 0, bit by bit."""
    crc = 0
    for byte in data:
        crc ^= byte << 8
        for _ in range(8):
            crc = (crc << 1 ^ 0x1021 if crc & 0x8000 else crc << 1) & 0xFFFF
    return crc


def crc_bytes(data: bytes, *, no_zeros: bool = False) -> bytes:
    """Return the CRC as it is sent; newer firmware sends no zeros either."""
    sent = []
    for byte in crc16(data).to_bytes(2):
        raised = byte in _RESERVED or (no_zeros and byte == 0)
        sent.append(byte + raised)
    return bytes(sent)


def reply(payload: str, *, no_zeros: bool = False) -> bytes:
    """Return a reply as a frame."""
    data = b"(" + payload.encode("ascii")
    return data + crc_bytes(data, no_zeros=no_zeros) + b"\r"


def command(frame: bytes) -> str | None:
    """Return the command in a request, `None` if its CRC is wrong."""
    body = frame.strip(b"\0\n").removesuffix(b"\r")
    data, received = body[:-2], body[-2:]
    if received not in {crc_bytes(data), crc_bytes(data, no_zeros=True)}:
        return None
    return data.decode("ascii", "replace")
