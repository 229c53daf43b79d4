import { Body } from '@nestjs/common';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsOptional } from 'class-validator';
import { catalogErrors } from '../../../foundations/catalogs/errors.js';
import { PRIORITIES, type Priority } from '../../../foundations/catalogs/priorities.js';
import { refusal } from '../../../platform/http/api-docs.js';
import { IsCode } from '../../../platform/http/typed-fields.js';
import { IsPlainText } from '../../../platform/http/validation.js';
import { CODE } from '../requests.js';
import type { MoveView } from '../views.js';
import { changeArea, changeCategory, triageCodes } from './area-and-category.js';
import { CaseMoves, type OnCase } from './case-moves.js';
import { ChangesCases, moved, MoveRoute, TheCase } from './route.js';

export class TriageRequest {
  @ApiPropertyOptional({ example: 'BRIBERY' })
  @IsOptional()
  @IsCode(CODE)
  category?: string;

  @ApiPropertyOptional({ example: 'OIC' })
  @IsOptional()
  @IsCode(CODE)
  area?: string;

  @ApiPropertyOptional({ enum: PRIORITIES, example: 'high' })
  @IsOptional()
  @IsIn(PRIORITIES)
  priority?: Priority;

  @ApiProperty({
    example: 'Confirmo: piden dinero por la inscripción al programa.',
    minLength: 3,
    maxLength: 2000,
  })
  @IsPlainText(3, 2000)
  reason!: string;
}

/** The desk confirms or changes what routing proposed. */
@ChangesCases()
export class TriageCase {
  constructor(private readonly moves: CaseMoves) {}

  @MoveRoute('triage', 'triage', {
    operationId: 'triageCase',
    summary: 'Confirmar o cambiar área, categoría y prioridad',
    description:
      'La mesa de control confirma lo que propuso la regla, o lo cambia, con su razón. Los plazos siguen como empezaron.',
    refuses: [
      refusal(catalogErrors.areaNotInForce(), 'El área no está vigente.'),
      refusal(catalogErrors.categoryNotInForce(), 'La categoría no está vigente.'),
    ],
  })
  async make(@TheCase() on: OnCase, @Body() input: TriageRequest): Promise<MoveView> {
    const made = await this.moves.make(on, ({ tx, locked, enter }) => {
      const { row } = locked;
      // The work of the desk ends here. Remove its assignee, so that the area sees that nobody works the case
      // yet.
      if (row.status === 'in_triage') row.assigneeId = null;
      enter('triage');
      const from = triageCodes(locked);
      // A null from a client means the same as an absent field: leave the value unchanged.
      if (input.category) changeCategory(locked, input.category);
      if (input.area) changeArea(locked, input.area);
      if (input.priority) row.priority = input.priority;
      row.triaged = true;
      tx.widen('triage');
      return {
        body: { reason: input.reason, from, to: triageCodes(locked) },
        payload: { area: row.areaId, category: row.categoryId, priority: row.priority, reason: input.reason },
      };
    });
    return moved(made);
  }
}
