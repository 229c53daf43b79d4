import { Body } from '@nestjs/common';
import { ApiProperty } from '@nestjs/swagger';
import { IsIn } from 'class-validator';
import { IsPlainText } from '../../../platform/http/validation.js';
import { CaseStore } from '../case-store.js';
import { caseErrors } from '../errors.js';
import { CONCLUSIONS, OUTCOMES, type Outcome } from '../lifecycle.js';
import { lastDayToWrite } from '../time-to-write.js';
import type { MoveView } from '../views.js';
import { CaseMoves, type OnCase } from './case-moves.js';
import { MOVES } from './moves.js';
import { ChangesCases, moved, MoveRoute, TheCase } from './route.js';

export class ClosureRequest {
  @ApiProperty({ enum: OUTCOMES, example: 'measures_taken' })
  @IsIn(OUTCOMES)
  outcome!: Outcome;

  @ApiProperty({
    description: 'Motivación interna; quien denuncia no la ve.',
    example: 'Se acreditó el cobro; se inició procedimiento.',
  })
  @IsPlainText(3, 10_000)
  grounds!: string;

  @ApiProperty({
    description: 'Texto para quien denuncia.',
    example: 'Comprobamos los hechos y se tomaron medidas. Gracias por denunciar.',
  })
  @IsPlainText(3, 5000)
  publicText!: string;
}

/**
 * End the case. Conclusions need an investigation, and the case is archived after ten business days. The
 * outcomes inadmissible and withdrawn close any open case at once. In both situations the reporter may still
 * write for ten business days.
 */
@ChangesCases()
export class CloseCase {
  constructor(
    private readonly moves: CaseMoves,
    private readonly store: CaseStore,
  ) {}

  @MoveRoute('closure', 'dismiss', {
    operationId: 'closeCase',
    summary: 'Concluir o cerrar',
    description:
      'Con sanción, con medidas o sin elementos: sólo desde investigación, queda resuelta y se archiva a los 10 días hábiles. Improcedente o desistida: cierra cualquier caso abierto.',
  })
  async make(@TheCase() on: OnCase, @Body() input: ClosureRequest): Promise<MoveView> {
    const made = await this.moves.make(on, ({ tx, locked, enter }) => {
      const { row, catalog, today } = locked;
      const { outcome, grounds, publicText } = input;
      const move = CONCLUSIONS.includes(outcome) ? 'conclude' : 'dismiss';
      if (!on.actor.permissions.has(MOVES[move].permission!)) throw caseErrors.outcomeNotAllowed();
      enter(move);
      row.outcome = outcome;
      row.closeOn = lastDayToWrite(catalog.institution.calendar, today);
      return {
        body: { text: publicText, outcome, grounds },
        payload: { outcome, grounds, publicText },
        also: () => this.store.withdrawOpenRequest(tx, row.id),
      };
    });
    return moved(made);
  }
}
