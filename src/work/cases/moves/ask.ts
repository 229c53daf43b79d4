import { Body } from '@nestjs/common';
import { ApiProperty } from '@nestjs/swagger';
import { IsInt, Max, Min } from 'class-validator';
import { randomUUID } from 'node:crypto';
import { addBusinessDays } from '../../../foundations/catalogs/business-calendar.js';
import { IsPlainText } from '../../../platform/http/validation.js';
import { CaseStore } from '../case-store.js';
import { InformationRequestRow } from '../case.entities.js';
import { AskedView } from '../views.js';
import { CaseMoves, type OnCase } from './case-moves.js';
import { ChangesCases, MoveRoute, TheCase } from './route.js';

export class InformationRequestBody {
  @ApiProperty({ example: '¿En qué oficina y qué día ocurrió?', minLength: 3, maxLength: 5000 })
  @IsPlainText(3, 5000)
  question!: string;

  @ApiProperty({
    description: 'Días hábiles para contestar, desde el día hábil siguiente.',
    minimum: 1,
    maximum: 60,
    example: 5,
  })
  @IsInt()
  @Min(1)
  @Max(60)
  businessDays!: number;
}

/** Ask the reporter and wait. The case returns to its state with the answer, or when the term ends. */
@ChangesCases()
export class AskReporter {
  constructor(
    private readonly moves: CaseMoves,
    private readonly store: CaseStore,
  ) {}

  @MoveRoute('information-requests', 'ask_reporter', {
    operationId: 'askReporter',
    summary: 'Pedir información a quien denuncia',
    description: 'El caso espera la respuesta; al contestar o vencer vuelve a su estado.',
    creates: AskedView,
  })
  async make(@TheCase() on: OnCase, @Body() input: InformationRequestBody): Promise<AskedView> {
    const id = randomUUID();
    let dueOn = '';
    const { entry, locked } = await this.moves.make(on, ({ tx, locked: { row, catalog, today }, enter }) => {
      enter('ask_reporter');
      dueOn = addBusinessDays(catalog.institution.calendar, today, input.businessDays);
      return {
        body: { text: input.question },
        payload: (entry) => ({ entry: entry.id, dueOn }),
        also: ({ seq }) => {
          // Withdraw an open question of the area before a transfer. The case no longer waits for its answer.
          this.store.withdrawOpenRequest(tx, row.id);
          tx.later(
            tx.insert(InformationRequestRow, [
              { id, caseId: row.id, questionSeq: seq, dueOn, state: 'open' },
            ]),
          );
        },
      };
    });
    return { id, seq: entry.seq, dueOn, version: locked.row.version };
  }
}
