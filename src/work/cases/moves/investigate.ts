import { Body } from '@nestjs/common';
import { namesOf } from '../../../foundations/audit/payload.js';
import { findPeople } from '../../../foundations/identity/staff-directory.js';
import { violates } from '../../../platform/database/sql-state.js';
import type { Tx } from '../../../platform/database/tx.js';
import { CaseRow } from '../case.entities.js';
import { caseErrors } from '../errors.js';
import { nextExpediente } from '../expediente.js';
import type { LockedCase } from '../locked-case.js';
import type { MoveView } from '../views.js';
import { CaseMoves, type OnCase } from './case-moves.js';
import { ChangesCases, moved, MoveRoute, TheCase } from './route.js';

/** Takes no fields; an empty object. */
export class InvestigationRequest {}

/** Starts the investigation and gives the expediente, once for the life of the case. */
@ChangesCases()
export class StartInvestigation {
  constructor(private readonly moves: CaseMoves) {}

  @MoveRoute('investigation', 'start_investigation', {
    operationId: 'startInvestigation',
    summary: 'Iniciar la investigación',
    description: 'Asigna el expediente.',
    refuses: [
      [
        503,
        'EXPEDIENTE_TAKEN',
        'Otro caso tomó el mismo número en ese instante; repite el movimiento.',
        { retryAfter: 1 },
      ],
    ],
  })
  async make(@TheCase() on: OnCase, @Body() _input: InvestigationRequest): Promise<MoveView> {
    const made = await this.moves.make(
      on,
      async ({ tx, locked, enter }) => {
        enter('start_investigation');
        const assignee = (locked.row.assigneeId ??= on.actor.accountId);
        const own = assignee === on.actor.accountId ? { ...on.actor, id: assignee } : undefined;
        const people = own ? [own] : [...(await findPeople(tx, [assignee])).values()];
        return { payload: { assignee }, names: namesOf(...people) };
      },
      ({ tx, locked }) => giveExpediente(tx, locked),
    );
    return moved(made);
  }
}

/** @throws EXPEDIENTE_TAKEN (503) when a case of another series got the same number at the same instant */
async function giveExpediente(tx: Tx, locked: LockedCase): Promise<void> {
  if (locked.row.expediente !== null) return;
  locked.row.expediente = await nextExpediente(tx, locked);
  try {
    await tx.change(CaseRow, { id: locked.row.id }, { expediente: locked.row.expediente });
  } catch (error) {
    throw violates(error, 'cases_expediente') ? caseErrors.expedienteTaken() : error;
  }
}
