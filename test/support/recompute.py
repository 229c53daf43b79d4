"""Recomputes the commitments of an audit trail from docs/audit-format.md alone.

Shares nothing with the service, not even a library: the standard library of Python has neither AES nor GCM.
Reads on stdin {"kek", "pepper", "caseKeys", "institutionKeys", "entries", "stored"}, all bytes in hexadecimal.
Writes on stdout a list of {"id", "commitment", "payload", "canonical", "columns", "content"}, one for each entry.
"""

import base64
import hashlib
import hmac
import json
import sys


def _sbox():
    # Inverse in GF(2^8), then the affine map (FIPS 197, 5.1.1).
    p = q = 1
    box = [0] * 256
    while True:
        p = p ^ ((p << 1) & 0xFF) ^ (0x1B if p & 0x80 else 0)
        q ^= q << 1
        q ^= q << 2
        q ^= q << 4
        q &= 0xFF
        if q & 0x80:
            q ^= 0x09
        x = q
        for n in (1, 2, 3, 4):
            x ^= ((q << n) | (q >> (8 - n))) & 0xFF
        box[p] = x ^ 0x63
        if p == 1:
            break
    box[0] = 0x63
    return box


SBOX = _sbox()
DOUBLE = [((x << 1) ^ (0x1B if x & 0x80 else 0)) & 0xFF for x in range(256)]


def expand(key):
    words = [list(key[n : n + 4]) for n in range(0, 32, 4)]
    rcon = 1
    while len(words) < 60:
        word = list(words[-1])
        if len(words) % 8 == 0:
            word = [SBOX[b] for b in word[1:] + word[:1]]
            word[0] ^= rcon
            rcon = DOUBLE[rcon]
        elif len(words) % 8 == 4:
            word = [SBOX[b] for b in word]
        words.append([a ^ b for a, b in zip(words[-8], word)])
    return [sum(words[n : n + 4], []) for n in range(0, 60, 4)]


SHIFT = [0, 5, 10, 15, 4, 9, 14, 3, 8, 13, 2, 7, 12, 1, 6, 11]


def encrypt(keys, block):
    state = [a ^ b for a, b in zip(block, keys[0])]
    for n in range(1, 15):
        state = [SBOX[state[i]] for i in SHIFT]
        if n < 14:
            mixed = []
            for c in range(0, 16, 4):
                a = state[c : c + 4]
                every = a[0] ^ a[1] ^ a[2] ^ a[3]
                mixed += [a[i] ^ every ^ DOUBLE[a[i] ^ a[(i + 1) % 4]] for i in range(4)]
            state = mixed
        state = [a ^ b for a, b in zip(state, keys[n])]
    return bytes(state)


def multiply(x, y):
    z = 0
    for n in range(127, -1, -1):
        if (x >> n) & 1:
            z ^= y
        y = (y >> 1) ^ (0xE1 << 120 if y & 1 else 0)
    return z


def ghash(h, aad, text):
    y = 0
    for part in (aad, text):
        for n in range(0, len(part), 16):
            y = multiply(y ^ int.from_bytes(part[n : n + 16].ljust(16, b"\0"), "big"), h)
    return multiply(y ^ ((len(aad) * 8) << 64 | len(text) * 8), h)


def open_blob(key, blob, table, row, field):
    """version(1) || nonce(12) || ciphertext || tag(16), AES-256-GCM, AAD table|row|field|1"""
    if blob[0] != 1:
        raise ValueError("another version")
    nonce, text, tag = blob[1:13], blob[13:-16], blob[-16:]
    aad = f"{table}|{row}|{field}|1".encode()
    keys = expand(key)
    h = int.from_bytes(encrypt(keys, bytes(16)), "big")
    mask = int.from_bytes(encrypt(keys, nonce + b"\0\0\0\1"), "big")
    if (ghash(h, aad, text) ^ mask).to_bytes(16, "big") != tag:
        raise ValueError("the tag does not fit")
    out = bytearray()
    for n in range(0, len(text), 16):
        stream = encrypt(keys, nonce + (2 + n // 16).to_bytes(4, "big"))
        out += bytes(a ^ b for a, b in zip(text[n : n + 16], stream))
    return bytes(out)


def hkdf(secret, salt, info):
    """RFC 5869 with SHA-256, 32 bytes."""
    prk = hmac.new(salt, secret, hashlib.sha256).digest()
    return hmac.new(prk, info + b"\1", hashlib.sha256).digest()


def canonical(value):
    """RFC 8785 for what entries hold: texts, whole numbers, booleans, null, lists, objects."""
    if isinstance(value, dict):
        keys = sorted(value, key=lambda key: key.encode("utf-16-be", "surrogatepass"))
        return "{" + ",".join(canonical(key) + ":" + canonical(value[key]) for key in keys) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(canonical, value)) + "]"
    return json.dumps(value, ensure_ascii=False)


def columns_agree(entry, said):
    """What stands in clear says the same. The day of a timed entry without a case is left to the reader's calendar."""
    actor, subject = said["actor"], said.get("case", {})
    timed = "T" in said["time"]
    pairs = [
        (entry["event"], said["event"]),
        (entry["actor_kind"], actor["kind"]),
        (entry["account_id"], actor.get("id") if actor["kind"] == "staff" else None),
        (entry["at"], said["time"] if timed else None),
        (entry["institution_id"], said.get("institution")),
        (entry["case_id"], subject.get("id")),
        (entry["case_seq"], subject.get("seq")),
        (entry["reading"], said.get("reading", False)),
        (entry["about_id"], said.get("about")),
    ]
    day = said.get("day") or (None if timed else said["time"])
    if day is not None:
        pairs.append((entry["day"], day))
    return all(clear == sealed for clear, sealed in pairs)


def digest(content):
    return base64.urlsafe_b64encode(hashlib.sha256(content).digest()).decode().rstrip("=")


def key_of(entry, place):
    return entry["case_id"], place


def main():
    given = json.load(sys.stdin)
    kek, pepper = bytes.fromhex(given["kek"]), bytes.fromhex(given["pepper"])
    keys = {}
    for table, place in (("case_keys", "caseKeys"), ("institution_keys", "institutionKeys")):
        for one in given[place]:
            keys[one["id"]] = open_blob(kek, bytes.fromhex(one["audit_key"]), table, one["id"], "audit_key")
    installation = hkdf(pepper, b"installation", b"audit")
    stored = {(one["case"], one["place"]): bytes.fromhex(one["bytes"]) for one in given["stored"]}
    results = []
    for entry in given["entries"]:
        key = keys[entry["case_id"] or entry["institution_id"]] if entry["institution_id"] else installation
        plain = open_blob(key, bytes.fromhex(entry["sealed"]), "audit_entries", entry["id"], "sealed")
        if plain[0] != 2:
            raise ValueError("an entry of an earlier version")
        salt, payload = plain[1:33], plain[33:].decode()
        said = json.loads(payload)
        commitment = hmac.new(salt, b"denuncias/audit/v1\0" + payload.encode(), hashlib.sha256).hexdigest()
        content = [
            digest(stored[place]) == value
            for place, value in ((key_of(entry, name), value) for name, value in said.get("content", {}).items())
            if place in stored
        ]
        results.append(
            {
                "id": entry["id"],
                "commitment": commitment,
                "payload": payload,
                "canonical": canonical(said) == payload,
                "columns": columns_agree(entry, said),
                "content": content,
            }
        )
    json.dump(results, sys.stdout)


main()
