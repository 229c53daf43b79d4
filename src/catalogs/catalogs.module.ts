import { Module } from '@nestjs/common';
import { CatalogsReader } from './catalogs.reader.js';

/** Institutions, areas, categories, calendars, privacy notices: read by everybody, kept by each institution's admin. */
@Module({
  providers: [CatalogsReader],
  exports: [CatalogsReader],
})
export class CatalogsModule {}
