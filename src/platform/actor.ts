/**
 * Who acts. Every command takes an actor, and `Database.tx` turns the actor into the row-level security scope
 * of its transaction. Roles and permissions are plain strings here. Their table is in
 * `foundations/identity/permissions.ts`.
 */
export type Actor = StaffActor | ChannelActor | ReporterActor | SystemActor | NobodyActor;

export interface StaffActor {
  kind: 'staff';
  accountId: string;
  /** Name and e-mail address at this moment. The acts of the account are recorded under them. */
  name: string;
  email: string;
  institutionId: string;
  /** '*' = the whole institution. Otherwise the ids of the areas whose rows this person may see. */
  areas: '*' | readonly string[];
  permissions: ReadonlySet<string>;
}

/** An agency's own web form, call-centre program or gateway. A channel key authenticates it. */
export interface ChannelActor {
  kind: 'channel';
  keyId: string;
  institutionId: string;
  channel: string;
  /** What keys of this channel may do besides filing reports. */
  permissions: ReadonlySet<string>;
}

/** The holder of folio and access code. This actor sees exactly one case. */
export interface ReporterActor {
  kind: 'reporter';
  institutionId: string;
  caseId: string;
  /** Generation of the access code that opened the token. */
  codeGeneration: number;
  /** The operator who acts for the reporter during a call. Absent: the reporter acts alone. */
  operator?: { accountId: string; name: string; email: string };
  /** The channel system through which the reporter acts. Absent: alone, or by an operator. */
  machine?: { keyId: string; kind: Machine };
}

/** A voice menu of the telephone, or any other program with a channel key. */
export type Machine = 'ivr' | 'channel';

/** Intake and sweeps. This actor sees all areas of one institution. */
export interface SystemActor {
  kind: 'system';
  name: string;
  institutionId: string;
}

/** Nobody is known yet. This actor sees public catalogues only. */
export interface NobodyActor {
  kind: 'nobody';
}

export interface Scope {
  /** Who acts, in the words of the database: the kind of actor, and for the system also its name. */
  actor: string;
  institutionId: string;
  areas: string;
  caseId: string;
  accountId: string;
}

/**
 * Returns the row-level security scope of an actor, as the texts that `set_config` takes. An empty text means
 * no rows.
 */
export function scopeOf(actor: Actor): Scope {
  switch (actor.kind) {
    case 'staff':
      return {
        actor: actor.kind,
        institutionId: actor.institutionId,
        areas: actor.areas === '*' ? '*' : actor.areas.join(','),
        caseId: '',
        accountId: actor.accountId,
      };
    case 'system':
      return {
        actor: `system:${actor.name}`,
        institutionId: actor.institutionId,
        areas: '*',
        caseId: '',
        accountId: '',
      };
    case 'reporter':
      return { ...nobodyIn(actor), caseId: actor.caseId };
    case 'channel':
      return nobodyIn(actor);
    case 'nobody':
      return nobodyIn({ kind: actor.kind, institutionId: '' });
  }
}

function nobodyIn({ kind, institutionId }: { kind: Actor['kind']; institutionId: string }): Scope {
  return { actor: kind, institutionId, areas: '', caseId: '', accountId: '' };
}

export function system(name: string, institutionId: string): SystemActor {
  return { kind: 'system', name, institutionId };
}
