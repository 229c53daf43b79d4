import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Transform, Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsIn,
  IsInt,
  IsObject,
  IsOptional,
  Max,
  Min,
  ValidateNested,
} from 'class-validator';
import { IsDay, IsName } from '../../../platform/http/typed-fields.js';
import type { CalendarRule } from '../business-calendar.js';
import { IfGiven } from './support.js';

/**
 * Years whose calendar somebody may need. The legal rules in this program do not hold before the first year.
 */
const FIRST_YEAR = 2000;
const LAST_YEAR = 2100;

export class CalendarQuery {
  @ApiPropertyOptional({
    type: 'integer',
    minimum: FIRST_YEAR,
    maximum: LAST_YEAR,
    description: 'Si falta, el año en curso.',
    example: 2026,
  })
  @IsOptional()
  @Transform(({ value }: { value: unknown }) =>
    typeof value === 'string' && /^\d{4}$/.test(value) ? Number(value) : value,
  )
  @IsInt()
  @Min(FIRST_YEAR)
  @Max(LAST_YEAR)
  year?: number;
}

export class ChangeCalendar {
  @ApiPropertyOptional({
    enum: ['LFPA28', 'LFT74'],
    description: 'Ley cuyos días inhábiles aplican: LFPA, artículo 28, o LFT, artículo 74.',
    example: 'LFPA28',
  })
  @IfGiven()
  @IsIn(['LFPA28', 'LFT74'])
  rule?: CalendarRule;
}

export class ClosureDay {
  @ApiProperty({ format: 'date', description: 'Hoy o un día por venir.', example: '2026-12-21' })
  @IsDay()
  day!: string;

  @ApiProperty({ minLength: 1, maxLength: 120, example: 'Suspensión de labores (acuerdo publicado)' })
  @IsName(1, 120)
  label!: string;
}

export class AddClosures {
  @ApiProperty({ type: [ClosureDay], minItems: 1, maxItems: 100 })
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(100)
  @IsObject({ each: true })
  @ValidateNested({ each: true })
  @Type(() => ClosureDay)
  days!: ClosureDay[];
}
