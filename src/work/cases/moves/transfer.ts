import { Body } from '@nestjs/common';
import { ApiProperty } from '@nestjs/swagger';
import { catalogErrors } from '../../../foundations/catalogs/errors.js';
import { refusal } from '../../../platform/http/api-docs.js';
import { IsCode } from '../../../platform/http/typed-fields.js';
import { IsPlainText } from '../../../platform/http/validation.js';
import { caseErrors } from '../errors.js';
import { CODE } from '../requests.js';
import type { MoveView } from '../views.js';
import { changeArea, triageCodes } from './area-and-category.js';
import { CaseMoves, type OnCase } from './case-moves.js';
import { ChangesCases, moved, MoveRoute, TheCase } from './route.js';

export class TransferRequest {
  @ApiProperty({ example: 'SUBSIDIOS' })
  @IsCode(CODE)
  area!: string;

  @ApiProperty({ example: 'Los hechos son del padrón de beneficiarios.', minLength: 3, maxLength: 2000 })
  @IsPlainText(3, 2000)
  reason!: string;
}

/** Send the case to another area. History, clocks and expediente stay. The assignee is removed. */
@ChangesCases()
export class TransferCase {
  constructor(private readonly moves: CaseMoves) {}

  @MoveRoute('transfers', 'transfer', {
    operationId: 'transferCase',
    summary: 'Turnar a otra área',
    description: 'Historia, plazos y expediente se conservan; la asignación se quita.',
    refuses: [
      refusal(catalogErrors.areaNotInForce(), 'El área no está vigente.'),
      refusal(caseErrors.sameArea(), 'Ya está en esa área.'),
    ],
  })
  async make(@TheCase() on: OnCase, @Body() input: TransferRequest): Promise<MoveView> {
    const made = await this.moves.make(on, ({ tx, locked, enter }) => {
      enter('transfer');
      const before = { codes: triageCodes(locked), area: locked.row.areaId };
      changeArea(locked, input.area);
      if (locked.row.areaId === before.area) throw caseErrors.sameArea();
      tx.widen('transfer');
      return {
        body: { reason: input.reason, from: before.codes, to: triageCodes(locked) },
        payload: { from: before.area, to: locked.row.areaId, reason: input.reason },
      };
    });
    return moved(made);
  }
}
