import type { Actor } from '../../platform/actor.js';

/**
 * What an entry vouches for: a SHA-256 digest in base64url for each place where content is stored (`report`,
 * `identity`, `code`, `entry/<id>`). The names are short, because every report stores them.
 * `docs/audit-format.md` says what each digest covers.
 */
export type Content = Readonly<Record<string, string>>;

/**
 * What an entry says. It is sealed and committed to. `docs/audit-format.md` describes it for other programs.
 */
export interface Payload {
  /** Version 2. Absent in older entries, which have no content and no names. */
  v?: number;
  event: string;
  actor: { kind: Actor['kind']; id?: string; name?: string; email?: string };
  /** ISO 8601 in UTC with milliseconds, or only the day. */
  time: string;
  /** Local day of the institution. Absent when `time` decides the day. */
  day?: string;
  institution?: string;
  case?: { id: string; seq?: number };
  reading?: boolean;
  /** Id of the account, session, key, rule or catalogue row that was changed. */
  about?: string;
  /** Names of the people that `data` names by id, as they were at the time: `Name <address>`. */
  names?: Record<string, string>;
  content?: Content;
  data: Record<string, unknown>;
}

/**
 * Returns who acts, with the current name and address. A later change of the account does not change the
 * entry.
 */
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

/** Returns the people in the form in which an entry names them. */
export function namesOf(...people: Person[]): Record<string, string> {
  return Object.fromEntries(people.map(({ id, name, email }) => [id, `${name} <${email}>`]));
}
