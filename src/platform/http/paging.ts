import { ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsInt, IsOptional, IsString, Max, MaxLength, Min } from 'class-validator';
import { invalidField, isDay, isPlainText } from './validation.js';

export const MAX_PAGE = 100;

/** Query of every list. It uses keyset pages, so that page one thousand costs as much as page one. */
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
    type: 'integer',
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

/**
 * Makes an opaque cursor from the values of the last row's sort key. `order` binds the cursor to one way of
 * sorting.
 */
export function encodeCursor(order: string, values: (string | number)[]): string {
  return Buffer.from(JSON.stringify([order, ...values])).toString('base64url');
}

export type CursorKind = 'integer' | 'day' | 'instant' | 'uuid' | 'text';

/** Largest value of PostgreSQL's `integer`. */
const MAX_INTEGER = 2_147_483_647;
const KINDS: Record<CursorKind, (value: unknown) => boolean> = {
  integer: (value) => Number.isInteger(value) && Math.abs(value as number) <= MAX_INTEGER,
  day: (value) => typeof value === 'string' && isDay(value),
  instant: (value) => typeof value === 'string' && (value === '-infinity' || isInstant(value)),
  uuid: (value) => typeof value === 'string' && /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(value),
  text: (value) => typeof value === 'string' && isPlainText(value),
};

/**
 * Tells whether a text is an instant as `toISOString` writes it. `Date.parse` also takes days and texts that
 * PostgreSQL does not take.
 */
function isInstant(value: string): boolean {
  return value > '1900' && new Date(value).toISOString() === value;
}

/**
 * Returns the sort key in a cursor. A forged value must not reach the database with a wrong type.
 * @throws InvalidRequest for a cursor of another list or order
 */
export function decodeCursor(
  cursor: string,
  order: string,
  kinds: readonly CursorKind[],
): (string | number)[] {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    if (Array.isArray(parsed) && parsed[0] === order && parsed.length === kinds.length + 1) {
      const values = parsed.slice(1) as unknown[];
      if (kinds.every((kind, i) => KINDS[kind](values[i]))) {
        return values as (string | number)[];
      }
    }
  } catch {
    // falls through to the refusal
  }
  throw invalidField(
    'cursor',
    'FORMAT',
    'La marca de página no es de esta lista.',
    'The cursor is not of this list.',
  );
}
