/**
 * Who acts. Every command takes one, and `Database.tx` turns it into the row-level security scope of its
 * transaction. Roles and permissions are plain strings here; their table stands in `identity/permissions.ts`.
 */
export type Actor = StaffActor | ChannelActor | ReporterActor | SystemActor | NobodyActor;

export interface StaffActor {
  kind: 'staff';
  accountId: string;
  institutionId: string;
  /** '*' = the whole institution, else the ids of the areas whose rows this person may see. */
  areas: '*' | readonly string[];
  permissions: ReadonlySet<string>;
}

/** An agency's own web form, call-centre program or gateway, authenticated by a channel key. */
export interface ChannelActor {
  kind: 'channel';
  keyId: string;
  institutionId: string;
  channel: string;
}

/** The holder of folio and access code: sees exactly one case. */
export interface ReporterActor {
  kind: 'reporter';
  institutionId: string;
  caseId: string;
  /** Of the access code that opened the token. */
  codeGeneration: number;
}

/** Intake and sweeps: all areas of one institution. */
export interface SystemActor {
  kind: 'system';
  name: string;
  institutionId: string;
}

/** Nobody yet: sees public catalogues only. */
export interface NobodyActor {
  kind: 'nobody';
}

export interface Scope {
  institutionId: string;
  areas: string;
  caseId: string;
  accountId: string;
}

/** The row-level security scope of an actor, as the texts that `set_config` takes; empty = no rows. */
export function scopeOf(actor: Actor): Scope {
  switch (actor.kind) {
    case 'staff':
      return {
        institutionId: actor.institutionId,
        areas: actor.areas === '*' ? '*' : actor.areas.join(','),
        caseId: '',
        accountId: actor.accountId,
      };
    case 'system':
      return { institutionId: actor.institutionId, areas: '*', caseId: '', accountId: '' };
    case 'reporter':
      return { institutionId: actor.institutionId, areas: '', caseId: actor.caseId, accountId: '' };
    case 'channel':
      return { institutionId: actor.institutionId, areas: '', caseId: '', accountId: '' };
    case 'nobody':
      return { institutionId: '', areas: '', caseId: '', accountId: '' };
  }
}

export function system(name: string, institutionId: string): SystemActor {
  return { kind: 'system', name, institutionId };
}
