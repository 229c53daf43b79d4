import type { Actor } from '../../platform/actor.js';

/**
 * What an entry vouches for: SHA-256 in base64url by the place where it is stored (`report`, `identity`,
 * `code`, `entry/<id>`). Short names: every report stores them. `docs/audit-format.md` says what each is the
 * digest of.
 */
export type Content = Readonly<Record<string, string>>;

/** What an entry says, sealed and committed to. `docs/audit-format.md` describes it for other programs. */
export interface Payload {
  /** 2; absent in entries written before content and names were part of it. */
  v?: number;
  event: string;
  actor: { kind: Actor['kind']; id?: string; name?: string; email?: string };
  /** ISO 8601 in UTC with milliseconds, or the day alone. */
  time: string;
  /** Local day of the institution; absent where `time` decides it. */
  day?: string;
  institution?: string;
  case?: { id: string; seq?: number };
  reading?: boolean;
  /** Id of the account, session, key, rule or catalogue row that was changed. */
  about?: string;
  /** Names of the people that `data` names by id, as they were: `Name <address>`. */
  names?: Record<string, string>;
  content?: Content;
  data: Record<string, unknown>;
}

/** Who acts, with the name and address of this moment: a later change of the account changes no entry. */
export function actorOf(actor: Actor): Payload['actor'] {
  switch (actor.kind) {
    case 'staff':
      return { kind: actor.kind, id: actor.accountId, name: actor.name, email: actor.email };
    case 'channel':
      return { kind: actor.kind, id: actor.keyId };
    case 'system':
      return { kind: actor.kind, id: actor.name };
    case 'reporter':
    case 'nobody':
      return { kind: actor.kind };
  }
}

export interface Person {
  id: string;
  name: string;
  email: string;
}

/** People as an entry names them. */
export function namesOf(...people: Person[]): Record<string, string> {
  return Object.fromEntries(people.map(({ id, name, email }) => [id, `${name} <${email}>`]));
}
