/**
 * What recompute.py does, for machines without Python: written from docs/audit-format.md, shares nothing with
 * the service.
 */
import { createDecipheriv, createHash, createHmac, hkdfSync } from 'node:crypto';
import { readFileSync } from 'node:fs';

const hex = (text) => Buffer.from(text, 'hex');
const sha256 = (bytes) => createHash('sha256').update(bytes).digest('base64url');

function open(key, blob, ...place) {
  if (blob[0] !== 1) throw new Error('another version');
  const cipher = createDecipheriv('aes-256-gcm', key, blob.subarray(1, 13), { authTagLength: 16 });
  cipher.setAAD(Buffer.from([...place, '1'].join('|')));
  cipher.setAuthTag(blob.subarray(-16));
  return Buffer.concat([cipher.update(blob.subarray(13, -16)), cipher.final()]);
}

function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  const keys = Object.keys(value).sort();
  return `{${keys.map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`).join(',')}}`;
}

function columnsAgree(entry, said) {
  const timed = said.time.includes('T');
  const day = said.day ?? (timed ? entry.day : said.time);
  const wanted = [
    said.event,
    said.actor.kind,
    said.actor.kind === 'staff' ? said.actor.id : null,
    timed ? said.time : null,
    day,
    said.institution ?? null,
    said.case?.id ?? null,
    said.case?.seq ?? null,
    said.reading ?? false,
    said.about ?? null,
  ];
  const { event, actor_kind, account_id, at, institution_id, case_id, case_seq, reading, about_id } = entry;
  const clear = [
    event,
    actor_kind,
    account_id,
    at,
    entry.day,
    institution_id,
    case_id,
    case_seq,
    reading,
    about_id,
  ];
  return JSON.stringify(clear) === JSON.stringify(wanted);
}

const given = JSON.parse(readFileSync(0, 'utf8'));
const keys = new Map();
for (const [table, rows] of [
  ['case_keys', given.caseKeys],
  ['institution_keys', given.institutionKeys],
]) {
  for (const { id, audit_key } of rows)
    keys.set(id, open(hex(given.kek), hex(audit_key), table, id, 'audit_key'));
}
const installation = Buffer.from(hkdfSync('sha256', hex(given.pepper), 'installation', 'audit', 32));
const stored = new Map(given.stored.map((one) => [`${one.case}|${one.place}`, hex(one.bytes)]));

const results = given.entries.map((entry) => {
  const key = entry.institution_id === null ? installation : keys.get(entry.case_id ?? entry.institution_id);
  const plain = open(key, hex(entry.sealed), 'audit_entries', entry.id, 'sealed');
  if (plain[0] !== 2) throw new Error('an entry of an earlier version');
  const [salt, payload] = [plain.subarray(1, 33), plain.subarray(33).toString()];
  const said = JSON.parse(payload);
  const message = `denuncias/audit/v1\0${payload}`;
  return {
    id: entry.id,
    commitment: createHmac('sha256', salt).update(message).digest('hex'),
    payload,
    canonical: canonical(said) === payload,
    columns: columnsAgree(entry, said),
    content: Object.entries(said.content ?? {})
      .map(([place, digest]) => [stored.get(`${entry.case_id}|${place}`), digest])
      .filter(([bytes]) => bytes !== undefined)
      .map(([bytes, expected]) => sha256(bytes) === expected),
  };
});
process.stdout.write(JSON.stringify(results));
