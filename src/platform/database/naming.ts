import { DefaultNamingStrategy } from 'typeorm';

/** Turns camelCase properties into snake_case columns. Each entity gives its own table name. */
export class SnakeNaming extends DefaultNamingStrategy {
  override columnName(propertyName: string, customName: string | undefined): string {
    return customName ?? propertyName.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  }
}
