import { Body } from '@nestjs/common';
import { ApiProperty } from '@nestjs/swagger';
import { namesOf } from '../../../foundations/audit/payload.js';
import { findWorker } from '../../../foundations/identity/staff-directory.js';
import { Events } from '../../../platform/events.js';
import { refusal } from '../../../platform/http/api-docs.js';
import { IsTypedEmail } from '../../../platform/http/typed-fields.js';
import { assignmentTo } from '../assignees.js';
import { caseErrors } from '../errors.js';
import { CaseAssigned } from '../events.js';
import type { MoveView } from '../views.js';
import { CaseMoves, type OnCase } from './case-moves.js';
import { ChangesCases, moved, MoveRoute, TheCase } from './route.js';

export class AssignmentRequest {
  @ApiProperty({ description: 'Identificador o correo de la cuenta.', example: 'investigador@conavi.demo' })
  @IsTypedEmail(3, 200)
  assignee!: string;
}

/** Assign the case to a person of the desk, or to an investigator of its area. */
@ChangesCases()
export class AssignCase {
  constructor(
    private readonly moves: CaseMoves,
    private readonly events: Events,
  ) {}

  @MoveRoute('assignment', 'assign_to_investigator', {
    operationId: 'assignCase',
    summary: 'Asignar',
    description:
      'A una cuenta de la mesa: de recibida a en revisión. A quien investiga en el área: el estado queda igual.',
    refuses: [refusal(caseErrors.unsuitableAssignee(), 'La cuenta no puede recibir este caso.')],
  })
  async make(@TheCase() on: OnCase, @Body() input: AssignmentRequest): Promise<MoveView> {
    const made = await this.moves.make(on, async ({ tx, locked, enter }) => {
      const { row } = locked;
      const account = await findWorker(tx, input.assignee, row.areaId);
      const move = account && assignmentTo(account, row.status);
      if (!move) throw caseErrors.unsuitableAssignee();
      enter(move);
      const given = row.assigneeId !== account.id;
      row.assigneeId = account.id;
      return {
        body: { to: { id: account.id, name: account.name } },
        payload: { assignee: account.id },
        names: namesOf(account),
        also: async () => {
          if (given) await this.events.tell(tx, CaseAssigned, { locked, to: account.id });
        },
      };
    });
    return moved(made);
  }
}
