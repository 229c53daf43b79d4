import { Transform } from 'class-transformer';

/** A query parameter with codes separated by commas. Empty codes and repetitions are dropped. */
export function List(): PropertyDecorator {
  return Transform(({ value }: { value: unknown }) =>
    typeof value === 'string' ? unique(value.split(',')) : Array.isArray(value) ? unique(value) : value,
  );
}

function unique(values: unknown[]): unknown[] {
  return [...new Set(values.filter(Boolean))];
}
