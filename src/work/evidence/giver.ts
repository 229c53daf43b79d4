import type { ReporterActor, StaffActor } from '../../platform/actor.js';
import type { Tx } from '../../platform/database/tx.js';
import { unauthenticated } from '../../platform/http/credentials-refused.js';
import { caseErrors } from '../cases/errors.js';
import type { EvidenceSource } from '../cases/evidence-view.js';
import { isOpen } from '../cases/lifecycle.js';
import type { LockedCase } from '../cases/locked-case.js';
import { reporterMayWrite } from '../cases/time-to-write.js';

/** Who adds evidence to which case. */
export type Giver =
  | {
      actor: ReporterActor;
      /**
       * Id of an upload. Its sender was told, part by part, that all of it is stored: only a program is
       * refused then. The file has the id of the upload, by which the sender may ask for it.
       */
      upload?: string;
      /**
       * Id of a file of a report that came over a chat. Its sender heard that it arrived: it comes in whether
       * or not the reporter may write now. The file has this id.
       */
      announced?: string;
      /** The file is the answer to the open question of the case, if there is one. */
      answers?: true;
    }
  | { actor: StaffActor; folio: string };

/** The upload that this file was, of which all was acknowledged. */
export function uploadOf(giver: Giver): string | undefined {
  return 'upload' in giver ? giver.upload : undefined;
}

/** The file of a chat that this file is. */
export function announcedOf(giver: Giver): string | undefined {
  return 'announced' in giver ? giver.announced : undefined;
}

export function keyOf(giver: Giver): { id: string } | { folio: string } {
  return 'folio' in giver ? { folio: giver.folio } : { id: giver.actor.caseId };
}

/** A reporter adds files as long as the reporter may write, staff as long as the case is open. */
export function assertOpen({ actor }: Giver, row: LockedCase['row'], today: string): void {
  if (actor.kind === 'reporter') {
    if (!reporterMayWrite(row, today)) throw caseErrors.reportClosed(row.closeOn);
  } else if (!isOpen(row.status)) throw caseErrors.illegalMove(row.status, 'write');
}

/**
 * Who exchanges the access code shuts out everybody who knew the earlier one, also in the middle of a file.
 * @throws UNAUTHENTICATED
 */
export async function assertHoldsCode(tx: Tx, actor: Giver['actor']): Promise<void> {
  if (actor.kind !== 'reporter') return;
  const { caseId, codeGeneration } = actor;
  const [current] = await tx.query('select 1 from auth_tracking_token($1, $2)', [caseId, codeGeneration]);
  if (!current) throw unauthenticated('tracking');
}

/** Whose file it is. */
export function sourceOf({ actor }: Giver): EvidenceSource {
  return actor.kind === 'staff' ? 'staff' : 'reporter';
}
