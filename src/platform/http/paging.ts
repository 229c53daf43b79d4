import { ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsInt, IsOptional, IsString, Max, MaxLength, Min } from 'class-validator';
import { invalidField } from './validation.js';

export const MAX_PAGE = 100;

/** Query of every list: keyset pages, so that page one thousand costs what page one costs. */
export class PageQuery {
  @ApiPropertyOptional({
    description: 'Marca de la página siguiente, tal como la dio `nextCursor`.',
    example: 'eyJvIjoi…',
  })
  @IsOptional()
  @IsString()
  @MaxLength(500)
  cursor?: string;

  @ApiPropertyOptional({
    description: 'Elementos por página.',
    minimum: 1,
    maximum: MAX_PAGE,
    default: 25,
    type: Number,
  })
  @IsOptional()
  @Transform(({ value }: { value: unknown }) =>
    typeof value === 'string' && /^\d{1,9}$/.test(value) ? Number(value) : value,
  )
  @IsInt()
  @Min(1)
  @Max(MAX_PAGE)
  limit: number = 25;
}

/** Opaque cursor over the values of the last row's sort key. `order` binds it to one way of sorting. */
export function encodeCursor(order: string, values: (string | number | null)[]): string {
  return Buffer.from(JSON.stringify([order, ...values])).toString('base64url');
}

/** @throws InvalidRequest for a cursor of another list or order */
export function decodeCursor(cursor: string, order: string, length: number): (string | number | null)[] {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    if (Array.isArray(parsed) && parsed[0] === order && parsed.length === length + 1) {
      const values = parsed.slice(1) as unknown[];
      if (values.every((value) => value === null || typeof value === 'string' || typeof value === 'number')) {
        return values as (string | number | null)[];
      }
    }
  } catch {
    // falls through to the refusal
  }
  throw invalidField('cursor', 'FORMAT', 'La marca de página no es de esta lista.', 'The cursor is not of this list.');
}
