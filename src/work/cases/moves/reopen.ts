import { Body } from '@nestjs/common';
import { ApiProperty } from '@nestjs/swagger';
import { IsPlainText } from '../../../platform/http/validation.js';
import type { MoveView } from '../views.js';
import { CaseMoves, type OnCase } from './case-moves.js';
import { ChangesCases, moved, MoveRoute, TheCase } from './route.js';

export class ReasonRequest {
  @ApiProperty({ example: 'Llegaron elementos nuevos (LGRA 100).', minLength: 3, maxLength: 2000 })
  @IsPlainText(3, 2000)
  reason!: string;
}

/** Reopen an ended case. Only its resolution gets a new clock. */
@ChangesCases()
export class ReopenCase {
  constructor(private readonly moves: CaseMoves) {}

  @MoveRoute('reopening', 'reopen_investigation', {
    operationId: 'reopenCase',
    summary: 'Reabrir',
    description: 'Empieza un plazo nuevo de resolución, ningún otro.',
  })
  async make(@TheCase() on: OnCase, @Body() { reason }: ReasonRequest): Promise<MoveView> {
    const made = await this.moves.make(on, ({ locked: { row }, enter }) => {
      enter(row.expediente === null ? 'reopen_triage' : 'reopen_investigation');
      row.outcome = null;
      row.closeOn = null;
      return { body: { reason }, payload: { reason } };
    });
    return moved(made);
  }
}
