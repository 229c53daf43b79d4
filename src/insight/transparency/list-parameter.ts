import { Transform } from 'class-transformer';

/** A query parameter that holds codes separated by commas; empty ones and repetitions fall out. */
export function List(): PropertyDecorator {
  return Transform(({ value }: { value: unknown }) =>
    typeof value === 'string' ? unique(value.split(',')) : Array.isArray(value) ? unique(value) : value,
  );
}

function unique(values: unknown[]): unknown[] {
  return [...new Set(values.filter(Boolean))];
}
