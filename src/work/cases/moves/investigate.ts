import { Body } from '@nestjs/common';
import { namesOf } from '../../../foundations/audit/payload.js';
import { findPeople } from '../../../foundations/identity/staff-directory.js';
import { refusal } from '../../../platform/http/api-docs.js';
import { caseErrors } from '../errors.js';
import { giveExpediente } from '../expediente.js';
import type { MoveView } from '../views.js';
import { CaseMoves, type OnCase } from './case-moves.js';
import { ChangesCases, moved, MoveRoute, TheCase } from './route.js';

/** An empty object without fields. */
export class InvestigationRequest {}

/** Start the investigation, and give the expediente once in the life of the case. */
@ChangesCases()
export class StartInvestigation {
  constructor(private readonly moves: CaseMoves) {}

  @MoveRoute('investigation', 'start_investigation', {
    operationId: 'startInvestigation',
    summary: 'Iniciar la investigación',
    description: 'Asigna el expediente.',
    refuses: [
      refusal(
        caseErrors.expedienteTaken(),
        'Otro caso tomó el mismo número en ese instante; repite el movimiento.',
      ),
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
      async ({ tx, locked }) => {
        // Only once in the life of the case.
        if (locked.row.expediente === null) await giveExpediente(tx, locked);
      },
    );
    return moved(made);
  }
}
