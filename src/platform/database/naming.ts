import { DefaultNamingStrategy } from 'typeorm';

/** camelCase properties, snake_case columns. Table names are given by each entity. */
export class SnakeNaming extends DefaultNamingStrategy {
  override columnName(propertyName: string, customName: string | undefined): string {
    return customName ?? propertyName.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  }
}
