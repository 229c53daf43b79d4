import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsIn, IsInt, IsOptional, Max, Min } from 'class-validator';
import { List } from '../../../platform/http/list-parameter.js';
import { MAX_PAGE } from '../../../platform/http/paging.js';
import { IsDay } from '../../../platform/http/typed-fields.js';

export const MENU_DIMENSIONS = ['option', 'language', 'day'] as const;
export type MenuDimension = (typeof MENU_DIMENSIONS)[number];

export class FiguresQuery {
  @ApiPropertyOptional({ example: '2026-11-01', description: 'Primer día; si falta, treinta días.' })
  @IsOptional()
  @IsDay()
  from?: string;

  @ApiPropertyOptional({ example: '2026-11-30', description: 'Último día, incluido; a lo más ayer.' })
  @IsOptional()
  @IsDay()
  to?: string;

  @ApiPropertyOptional({
    enum: MENU_DIMENSIONS,
    isArray: true,
    description: 'Por qué se agrupa, separado por comas. Sin él, por opción.',
    example: 'option,day',
  })
  @List()
  @IsIn(MENU_DIMENSIONS, { each: true })
  by: MenuDimension[] = [];
}

export class UnansweredQuery {
  @ApiPropertyOptional({ type: 'integer', minimum: 1, maximum: MAX_PAGE, default: 25 })
  @IsOptional()
  @Transform(({ value }: { value: unknown }) =>
    typeof value === 'string' && /^\d{1,9}$/.test(value) ? Number(value) : value,
  )
  @IsInt()
  @Min(1)
  @Max(MAX_PAGE)
  limit: number = 25;
}

export class MenuFigure {
  @ApiPropertyOptional({ description: 'Con `by=option`.', example: 'requisitos' })
  option?: string;

  @ApiPropertyOptional({
    type: String,
    nullable: true,
    description: 'Con `by=option`; null = ya no está en el menú.',
    example: 'Requisitos',
  })
  title?: string | null;

  @ApiPropertyOptional({ description: 'Con `by=language`.', example: 'es-MX' })
  language?: string;

  @ApiPropertyOptional({ format: 'date', description: 'Con `by=day`.', example: '2026-11-27' })
  day?: string;

  @ApiProperty({ type: 'integer', description: 'Veces que se dio la respuesta.', example: 412 })
  asked!: number;

  @ApiProperty({ type: 'integer', description: 'Veces que alguien dijo que le sirvió.', example: 96 })
  useful!: number;

  @ApiProperty({ type: 'integer', description: 'Veces que alguien dijo que no le sirvió.', example: 11 })
  notUseful!: number;
}

export class MenuFigures {
  @ApiProperty({ format: 'date', example: '2026-11-01' })
  from!: string;

  @ApiProperty({ format: 'date', example: '2026-11-28' })
  to!: string;

  @ApiProperty({ type: [MenuFigure] })
  items!: MenuFigure[];

  @ApiProperty({ type: 'integer', description: 'Preguntas sin respuesta que se anotaron.', example: 37 })
  unanswered!: number;
}

export class UnansweredQuestion {
  @ApiProperty({ format: 'uuid', example: '0b9c2f5e-6f0e-4f3c-9d39-3a4d0f2b8c11' })
  id!: string;

  @ApiProperty({ example: '¿dan despensas para adultos mayores?' })
  question!: string;

  @ApiProperty({ example: 'es-MX', description: 'En qué idioma estaba el menú.' })
  language!: string;

  @ApiProperty({ type: 'integer', example: 7 })
  times!: number;

  @ApiProperty({ format: 'date', example: '2026-11-26' })
  lastAskedOn!: string;
}

export class UnansweredPage {
  @ApiProperty({ type: [UnansweredQuestion] })
  items!: UnansweredQuestion[];
}
